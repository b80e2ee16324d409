package asl

import (
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// runDistributed starts a map run, whose iterations are executions of their own.
func (x *execution) runDistributed(f *frame) error {
	m := f.state.mapping
	settings, err := x.mapSettings(f)
	if err != nil {
		return err
	}
	var items value
	if m.reader == nil {
		if items, err = x.mapItems(f); err != nil {
			return err
		}
	}
	length := rawjson.Len(items.raw)
	for range rawjson.Members(items.raw) {
		length++
	}
	state, arn := f.state.index+1, x.mapRunARN(m.labelOf(f.state), x.e.newID())
	r := record{kind: evMapStateStarted, state: state, data: items, name: arn, n1: int64(length), n2: int64(settings.MaxConcurrency)}
	x.event(f, &r)
	x.event(f, &record{kind: evMapRunStarted, state: state, name: arn})
	x.emit(settings.record(f))
	run := newMapRun(x, f, &r)
	run.settings, run.limits = settings, settings
	x.e.addRun(run)
	f.group, f.phase = &group{run: run, started: r.id}, phaseChildren
	x.actions = append(x.actions, action{after: len(x.log), then: run.start})
	return nil
}

// labelOf is the part of ARNs that tells a machine's maps apart.
func (m *mapState) labelOf(s *State) string {
	if m.label != "" {
		return m.label
	}
	return nameUUID(s.location())
}

func (x *execution) mapRunARN(label, id string) string {
	before, after, _ := strings.Cut(x.info.machineARN, ":stateMachine:")
	return before + ":mapRun:" + after + "/" + label + ":" + id
}
