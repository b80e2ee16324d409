// Package decidenight is the step that decides what becomes of a page of
// sandboxes, and writes that down: warnings at once, and what is to sleep or to
// go as what the machine starts next.
package decidenight

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Planner decides about sandboxes; night.Planner does.
type Planner interface {
	Page(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]night.Plan, sandbox.Cursor, error)
}

// Nights is where the step writes down what it decided.
type Nights interface {
	UpdateNight(ctx context.Context, id string, change func(*night.Night) error) (night.Night, error)
	PutItems(ctx context.Context, id string, items []night.Item) error
	ListItems(ctx context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error)
	Reserve(ctx context.Context, line string, n int, interval time.Duration, now time.Time) (time.Time, error)
}

// Options is what the step knows of its installation.
type Options struct {
	// Sleep and Teardown are the ARNs of the machines.
	Sleep, Teardown string
	// Page is how many sandboxes are decided about in one run.
	Page int
	// Interval is how long after another a sandbox with a distribution is begun,
	// so that CloudFront is not asked too much.
	Interval time.Duration
	// Notices tells of warnings, which are among the sandbox's own events, too.
	Notices notice.Teller
	Now     func() time.Time
}

// Page is how many sandboxes are decided about in one run: the executions that
// come of them must fit into a payload of 256 KiB.
const Page = 50

// Line is the line in which sandboxes wait for CloudFront.
const Line = "cloudfront"

// Step decides.
type Step struct {
	planner Planner
	boxes   sandbox.Updater
	nights  Nights
	options Options
}

// New returns the step.
func New(planner Planner, boxes sandbox.Updater, nights Nights, options Options) *Step {
	return &Step{planner: planner, boxes: boxes, nights: nights, options: options}
}

// Handle decides about the next page. What it decides is written to the night
// before anything is done, so that a run that is tried again starts what the
// one before began. One sandbox's trouble does not keep the others.
func (s *Step) Handle(ctx context.Context, in events.NightFlow) (events.NightDecided, error) {
	after := ""
	if in.Page != nil {
		after = in.Page.After
	}
	page := sandbox.Page{Limit: s.options.Page, After: sandbox.Cursor(after)}
	before, _, err := s.nights.ListItems(ctx, in.Night, page)
	if err != nil {
		return events.NightDecided{}, err
	}
	plans, next, err := s.planner.Page(ctx, sandbox.Filter{}, page)
	if err != nil {
		return events.NightDecided{}, err
	}
	p := &pass{Step: s, night: in.Night, begun: map[string]night.Item{}, starts: []events.NightStart{}}
	for _, item := range before {
		p.begun[item.ID] = item
	}
	for i := range plans {
		p.note(&plans[i])
	}
	if err := s.nights.PutItems(ctx, in.Night, p.items); err != nil {
		return events.NightDecided{}, err
	}
	ctx = sandbox.As(ctx, sandbox.Actor{Principal: sandbox.PrincipalSchedule, Trigger: "night " + in.Night})
	for i := range plans {
		p.act(ctx, &plans[i])
	}
	if err := s.turns(ctx, p); err != nil {
		return events.NightDecided{}, err
	}
	if err := s.nights.PutItems(ctx, in.Night, p.changed); err != nil {
		return events.NightDecided{}, err
	}
	_, err = s.nights.UpdateNight(ctx, in.Night, func(n *night.Night) error {
		if n.Reached != after || n.Status != night.Deciding {
			return nil // counted by a run before this one
		}
		p.count(n)
		if n.Reached = string(next); next == "" {
			n.Status = night.Settling
		}
		return nil
	})
	return events.NightDecided{Starts: p.starts, After: string(next), Done: next == ""}, err
}

// turns says when each start has its turn.
func (s *Step) turns(ctx context.Context, p *pass) error {
	waiting := 0
	for i := range p.starts {
		if p.distributed[i] {
			waiting++
		}
	}
	if waiting == 0 {
		return nil
	}
	now := s.options.Now()
	turn, err := s.nights.Reserve(ctx, Line, waiting, s.options.Interval, now)
	if err != nil {
		return err
	}
	for i := range p.starts {
		if p.distributed[i] {
			p.starts[i].WaitSeconds = max(p.starts[i].WaitSeconds, seconds(turn.Sub(now)))
			turn = turn.Add(s.options.Interval)
		}
	}
	return nil
}

// seconds rounds a wait up to whole seconds; one that is over is 0.
func seconds(wait time.Duration) int { return max(int(math.Ceil(wait.Seconds())), 0) }

// pass is one run through a page.
type pass struct {
	*Step
	night string
	// begun are the items that a run before this one wrote, by sandbox.
	begun map[string]night.Item
	// items are written before anything is done, changed after.
	items, changed []night.Item
	starts         []events.NightStart
	distributed    []bool // whether each start asks CloudFront
	troubles       []string
	counts         night.Counts
	saves          cost.USD
}

// note takes a decision down. One that a run before this one began stands.
func (p *pass) note(plan *night.Plan) {
	if item, ok := p.begun[plan.Sandbox.ID]; ok && item.Outcome == night.Started {
		plan.Decision = item.Decision
	}
	p.counts.Add(plan.Decision.Act)
	if plan.Decision.Act == lifecycle.Keep {
		return
	}
	p.items = append(p.items, p.item(plan))
	p.saves = p.saves.Plus(plan.Saves)
}

func (p *pass) item(plan *night.Plan) night.Item {
	item := night.Item{Name: plan.Sandbox.Name, ID: plan.Sandbox.ID, Owner: plan.Sandbox.Owner, Decision: plan.Decision, Outcome: night.Noted}
	if plan.Decision.Act == lifecycle.Sleep || plan.Decision.Act == lifecycle.Teardown {
		item.Outcome = night.Started
	}
	return item
}

// errChanged says that a sandbox is no longer as it was decided about, or was
// used since.
var errChanged = errors.New("it was changed meanwhile")

// act does what was decided about one sandbox.
func (p *pass) act(ctx context.Context, plan *night.Plan) {
	starts := plan.Decision.Act == lifecycle.Sleep || plan.Decision.Act == lifecycle.Teardown
	_, again := p.begun[plan.Sandbox.ID]
	if plan.Decision.Act == lifecycle.Warn {
		if err := p.tell(ctx, plan); err != nil {
			p.troubles = append(p.troubles, fmt.Sprintf("sandbox %s: %v", plan.Sandbox.Name, err))
			return
		}
	}
	after, err := p.boxes.Update(ctx, plan.Sandbox.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		if starts && again && p.underWay(s, plan.Decision.Act) {
			return nil, nil // a run before this one wrote it
		}
		if !s.Alike(plan.Sandbox) || s.LastUse.At.After(plan.Used.Last.At) && s.LastUse != plan.Sandbox.LastUse {
			return nil, errChanged
		}
		plan.Used.Note(s, p.options.Now().UTC())
		return p.change(s, plan.Decision)
	})
	if err == nil && starts && !p.underWay(&after, plan.Decision.Act) {
		err = errors.New("nothing was to be started")
	}
	switch {
	case err == nil && starts:
		p.start(plan.Decision, &after)
	case err == nil || errors.Is(err, sandbox.ErrNotFound):
	default:
		if !errors.Is(err, errChanged) {
			p.troubles = append(p.troubles, fmt.Sprintf("sandbox %s: %v", plan.Sandbox.Name, err))
		}
		if starts {
			item := p.item(plan)
			if item.Outcome, item.Failure = night.Failed, err.Error(); errors.Is(err, errChanged) {
				item.Outcome = night.Ended // whoever changed it has seen to it
			}
			p.changed = append(p.changed, item)
		}
	}
}

// change alters a record as was decided.
func (p *pass) change(s *sandbox.Sandbox, d lifecycle.Decision) ([]sandbox.Event, error) {
	now := p.options.Now().UTC()
	switch d.Act {
	case lifecycle.Sleep:
		return s.BeginSleep(p.options.Sleep, d.Reason, now)
	case lifecycle.Teardown:
		return s.BeginTeardown(p.options.Teardown, d.Reason, now), nil
	case lifecycle.Warn:
		return s.Warn(warning(d), now), nil
	}
	if d.TakeBack {
		return s.TakeBackWarning(d.Reason), nil
	}
	return nil, nil
}

// underWay reports whether a sandbox is being put to sleep, or torn down.
func (p *pass) underWay(s *sandbox.Sandbox, act lifecycle.Act) bool {
	if act == lifecycle.Sleep {
		return s.FallingAsleep()
	}
	return s.Phase == sandbox.PhaseDeleting && strings.HasPrefix(s.Execution, sandbox.ExecutionARN(p.options.Teardown, ""))
}

func (p *pass) start(d lifecycle.Decision, s *sandbox.Sandbox) {
	flow := s.TeardownFlow()
	if d.Act == lifecycle.Sleep {
		flow = s.SleepFlow()
	}
	name := s.Execution[strings.LastIndexByte(s.Execution, ':')+1:]
	p.starts = append(p.starts, events.NightStart{Act: string(d.Act), WaitSeconds: seconds(d.NotBefore.Sub(p.options.Now())), Name: name, Flow: flow})
	_, site := s.Resource(sandbox.KindDistribution)
	p.distributed = append(p.distributed, site)
}

// count adds the page to the night.
func (p *pass) count(n *night.Night) {
	n.Counts.Seen += p.counts.Seen
	n.Counts.Kept += p.counts.Kept
	n.Counts.Warned += p.counts.Warned
	n.Counts.Sleep += p.counts.Sleep
	n.Counts.Teardown += p.counts.Teardown
	n.Counts.Quarantined += p.counts.Quarantined
	n.SavedMicroUSD += int64(p.saves) / 1000
	for _, line := range p.troubles {
		n.Trouble(line)
	}
}
