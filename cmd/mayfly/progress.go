package main

import (
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// progress is what is known of a flow from the events that it left: which
// steps ran, for how long, and which still run.
type progress struct {
	name  string
	phase events.Phase
	since time.Time
	eta   time.Time
	steps []stepLine
}

// stepLine is one step of a flow.
type stepLine struct {
	name   string
	detail string
	began  time.Time
	ended  time.Time // zero while it runs
	failed bool
}

// releaseStep is the line of a release that runs beside a provision.
const releaseStep = "release"

// apply takes the next event in.
func (p *progress) apply(e events.SandboxEvent) {
	if p.since.IsZero() {
		p.since = e.At
	}
	p.phase = e.Phase
	switch e.Type {
	case "step.started":
		p.begin(e)
	case "resource.made", "resource.gone":
		s := p.begin(e)
		s.ended, s.detail = e.At, e.Message
	case "progress":
		switch r := p.open(releaseStep); {
		case e.Step == "": // about the sandbox, not about a step
		case r != nil && e.Release != "" && p.open(e.Step) == nil:
			r.detail = e.Message
		default:
			p.begin(e).detail = e.Message
		}
	case "release":
		s := p.open(releaseStep)
		if s == nil {
			p.steps = append(p.steps, stepLine{name: releaseStep, began: e.At, detail: e.Message})
			return
		}
		s.ended, s.detail = e.At, e.Message
		if p.phase == events.PhaseReady {
			p.close(e.At, false)
		}
	case "failed":
		p.close(e.At, true)
	case "phase":
		switch e.Phase {
		case events.PhaseReady, events.PhaseDeleted:
			p.close(e.At, false)
		case events.PhaseFailed:
			p.close(e.At, true)
		}
	}
}

// begin returns the line of an event's step. One that did not run yet begins,
// and ends those that it follows.
func (p *progress) begin(e events.SandboxEvent) *stepLine {
	if s := p.open(e.Step); s != nil {
		return s
	}
	for i := range p.steps {
		if s := &p.steps[i]; s.ended.IsZero() && s.name != releaseStep && !beside(s.name, e.Step) {
			s.ended = e.At
		}
	}
	p.steps = append(p.steps, stepLine{name: e.Step, began: e.At})
	return &p.steps[len(p.steps)-1]
}

// open returns the line of a step that runs, nil when it does not.
func (p *progress) open(name string) *stepLine {
	for i := range p.steps {
		if s := &p.steps[i]; s.name == name && s.ended.IsZero() {
			return s
		}
	}
	return nil
}

// close ends all steps that run; a release beside a provision goes on when the
// provision is ready.
func (p *progress) close(at time.Time, failed bool) {
	for i := range p.steps {
		if s := &p.steps[i]; s.ended.IsZero() && (failed || s.name != releaseStep) {
			s.ended, s.failed = at, failed
		}
	}
}

// beside reports whether two steps run in two branches of one flow, so that
// the start of one says nothing about the other.
func beside(a, b string) bool {
	x, y := branch(a), branch(b)
	return x != "" && y != "" && x[0] == y[0] && x[1] != y[1]
}

// branch names the branch of a Parallel state that a step is in: a letter for
// the state and a digit for the branch.
func branch(step string) string {
	switch step {
	case "createbucket", "enableversioning":
		return "p1"
	case "createoai":
		return "p2"
	case "createrepository":
		return "p3"
	case "disabledistribution", "awaitdistribution", "deletedistribution":
		return "t1"
	case "emptybucket":
		return "t2"
	}
	return ""
}
