package asl

type (
	itemReader   struct{}
	itemBatcher  struct{}
	resultWriter struct{}
	mapRun       struct{}
)

func (p *parser) distributedFields(*State, *mapState, *fields) {}

func (x *execution) runDistributed(f *frame) error {
	return f.fault(ErrorRuntime, "distributed maps are not there yet")
}
func (r *mapRun) abort()                {}
func (r *mapRun) childEnded(*execution) {}

func (r *mapRun) appendItem(out []byte, _ *execution) []byte { return out }
func (x *execution) resumeRun(*frame)                        {}
func (x *execution) foldRun(*frame, *record) error           { return nil }
func (x *execution) foldRedrive(*record)                     {}

// ItemStore is where distributed maps read items and write results.
type ItemStore interface{}
