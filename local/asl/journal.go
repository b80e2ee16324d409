package asl

// Journal keeps records, in order. local/asl/journal has one over files.
type Journal interface {
	// Replay calls each with every record that was kept. The bytes are valid
	// until each returns. It is called once, before anything else.
	Replay(each func(record []byte) error) error
	// Append keeps records, all of them or those up to some point. It returns
	// when they are durable.
	Append(records [][]byte) error
	// Compact replaces everything that was appended so far by what snapshot
	// writes; what is appended meanwhile is kept after it.
	Compact(snapshot func(write func(record []byte) error) error) error
	// Size is how many bytes the journal takes.
	Size() int64
	// Close ends the use of the journal.
	Close() error
}
