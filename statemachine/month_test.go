package statemachine_test

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var (
	monthSeed  = flag.Uint64("month-seed", 1, "the seed of the month that is lived through; 0 for a new one each time")
	monthBoxes = flag.Int("month-sandboxes", 1000, "how many sandboxes live through it")
)

// happening is something that happens to a sandbox, or a night.
type happening struct {
	at  time.Time
	act func()
}

// TestAMonthOfAThousandSandboxes lives through thirty days of a thousand
// sandboxes in virtual time: real steps, real machines, the real nightly one,
// with random traffic, pushes, pulls, extensions, pins, naps and deletions,
// while calls are throttled, time out and lose their replies, and the region is
// down for three hours, in which a night falls. Nothing in use or pinned is
// touched, nothing without its warning; what is idle is gone in time; nothing is
// left at the end, and what is not Mayfly's is as it was.
func TestAMonthOfAThousandSandboxes(t *testing.T) {
	seed := cmp.Or(*monthSeed, uint64(time.Now().UnixNano()))
	t.Logf("go test ./statemachine -run Month -month-seed %d -month-sandboxes %d", seed, *monthBoxes)
	begin := time.Now()
	synctest.Test(t, func(t *testing.T) {
		m := newMonth(t, seed)
		defer m.close()
		start := time.Now()
		foreign := m.plant()
		m.downFrom, m.downUntil = start.Add(9*day+2*time.Hour), start.Add(9*day+5*time.Hour)
		var all []happening
		for i := range *monthBoxes {
			all = append(all, m.invite(i, start)...)
		}
		for n := range 30 {
			at := start.Add(time.Duration(n)*day + 3*time.Hour)
			begin := func(name string) func() {
				return func() { m.launch("nightly", name, map[string]string{"by": "schedule"}) }
			}
			all = append(all, happening{at, begin(fmt.Sprintf("night-%d", n))})
			if m.random.IntN(5) == 0 { // the schedule fires twice
				all = append(all, happening{at.Add(time.Second), begin(fmt.Sprintf("night-%d-again", n))})
			}
		}
		m.chaos()
		slices.SortStableFunc(all, func(a, b happening) int { return a.at.Compare(b.at) })
		for _, h := range all {
			time.Sleep(time.Until(h.at))
			go h.act()
			synctest.Wait()
		}
		time.Sleep(time.Until(start.Add(30 * day)))
		m.look(start.Add(30 * day))
		m.end()
		foreign()
		m.wantNothing()
		for _, line := range m.wrong[:min(len(m.wrong), 20)] {
			t.Error(line)
		}
		t.Logf("%v", m.acts)
	})
	t.Logf("in %s", time.Since(begin).Round(time.Millisecond))
}

// invite makes a guest, and all that will happen to it.
func (m *month) invite(i int, start time.Time) []happening {
	r := m.random
	span := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	spec := sandbox.Defaults(events.Spec{
		IdleTime: span("24h", "24h", "36h", "3d"), WarnBefore: span("24h", "24h", "12h"), SleepFor: span("7d", "3d", "24h"),
		Delivery:     events.Delivery(span("cloudfront", "cloudfront", "cloudfront", "website", "none")),
		OriginAccess: events.OriginAccess(span("oai", "oai", "oac")),
	})
	life, err := sandbox.LifeOf(spec)
	must(m.t, err)
	born := start.Add(time.Duration(r.Int64N(int64(14 * day))))
	name := fmt.Sprintf("s%04d", i)
	g := &guest{ref: sandbox.Ref{ID: fmt.Sprintf("%s%05d", name, i), Name: name}, life: life, uses: []time.Time{born}}
	if r.IntN(4) == 0 {
		g.expires = born.Add(time.Duration(1+r.IntN(10)) * day)
	}
	m.guests[g.ref.ID] = g
	box := sandbox.Sandbox{ID: g.ref.ID, Name: name, Owner: "ann", Phase: sandbox.PhaseProvisioning, CreatedAt: born, Spec: spec, ExpiresAt: g.expires, Execution: "provision"}
	all := []happening{{born, func() {
		m.persist(func() error { return m.store.Claim(m.t.Context(), box, sandbox.Event{Type: sandbox.EventClaimed}) })
		m.launch("provision", "provision-"+g.ref.ID, events.Flow{Sandbox: box.Event()})
	}}}
	// It is used for some time, and then left alone.
	until := born.Add(time.Duration(r.Int64N(int64(12 * day))))
	for at := born.Add(time.Hour); at.Before(until); at = at.Add(time.Duration(1+r.IntN(20)) * time.Hour) {
		all = append(all, happening{at, m.visit(g, i, at)})
	}
	if r.IntN(10) == 0 {
		all = append(all, happening{until, func() { m.delete(g) }})
	}
	if r.IntN(4) == 0 { // somebody remembers it
		at := until.Add(time.Duration(r.Int64N(int64(6 * day))))
		all = append(all, happening{at, func() { m.wake(g) }})
	}
	if r.IntN(8) == 0 {
		all = append(all, m.pin(g, until)...)
	}
	return all
}

// visit is one use of a guest.
func (m *month) visit(g *guest, i int, at time.Time) func() {
	switch kind := m.random.IntN(20); {
	case kind < 12:
		return func() {
			if box, err := m.peek(g); err == nil && box.Phase == sandbox.PhaseReady {
				if d := box.Made().Distribution; d != nil {
					m.use(g, at)
					m.watch.add(d.ID, at)
				}
			}
		}
	case kind < 15:
		return func() {
			if box, err := m.peek(g); err == nil && box.Made().Repository != nil && box.Phase != sandbox.PhaseDeleting {
				m.use(g, at)
				m.watch.add(box.Made().Repository.Name, at)
			}
		}
	case kind < 18:
		return func() { m.pushTo(g, i, at) }
	}
	reason, span := "the review", time.Duration(1+m.random.IntN(3))*day
	return func() {
		m.attend(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.Extend(time.Now().Add(span), reason) }, func() {
			if until := time.Now().Add(span); until.After(g.kept) {
				g.kept = until
			}
			if !g.expires.IsZero() && g.kept.After(g.expires) {
				g.expires = g.kept
			}
		})
	}
}

// peek reads a record past the faults: a person sees the sandbox itself.
func (m *month) peek(g *guest) (box sandbox.Sandbox, err error) {
	m.persist(func() error {
		box, err = m.store.Get(m.t.Context(), g.ref.Name)
		return err
	})
	return box, err
}

// attend is what a person does to a record, and what is true from then on.
func (m *month) attend(g *guest, change func(*sandbox.Sandbox) ([]sandbox.Event, error), then func()) sandbox.Sandbox {
	return m.change(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		log, err := change(s)
		if err == nil && s.Phase != sandbox.PhaseDeleting {
			m.truth.Lock()
			defer m.truth.Unlock()
			g.uses = append(g.uses, time.Now())
			if then != nil {
				then()
			}
		}
		return log, err
	})
}

func (m *month) pushTo(g *guest, i int, at time.Time) {
	box, err := m.peek(g)
	if err != nil || box.Phase != sandbox.PhaseReady && box.Phase != sandbox.PhaseSleeping || box.Made().Repository == nil {
		return
	}
	m.use(g, at)
	digest := fmt.Sprintf("sha256:%032x%032x", i, at.Unix())
	m.ecr.Push(box.Made().Repository.Name, digest, "v1", at)
	m.launch("deploy", fmt.Sprintf("push-%s-%d", g.ref.ID, at.Unix()), events.ECRImageEvent{
		ID: "e", DetailType: "ECR Image Action", Source: "aws.ecr", Time: at,
		Detail: events.ECRImageDetail{Result: events.ECRSuccess, ActionType: events.ECRPush, RepositoryName: box.Made().Repository.Name, ImageDigest: digest, ImageTag: "v1"},
	})
}

func (m *month) wake(g *guest) {
	begun := false
	after := m.attend(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		if s.Phase != sandbox.PhaseSleeping {
			return nil, &sandbox.PhaseError{Name: s.Name, Phase: s.Phase}
		}
		begun = true
		return s.BeginWake(arnOf("wake"), time.Now())
	}, nil)
	if begun && after.ID != "" {
		m.launch("wake", sandbox.WakeName(after.ID, after.Attempt), after.SleepFlow())
		m.truth.Lock()
		m.acts["woken"]++
		m.truth.Unlock()
	}
}

func (m *month) delete(g *guest) {
	after := m.attend(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		if s.Phase != sandbox.PhaseReady && s.Phase != sandbox.PhaseSleeping {
			return nil, &sandbox.PhaseError{Name: s.Name, Phase: s.Phase}
		}
		g.left = true
		s.DeleteRequested = true
		return s.BeginTeardown(arnOf("teardown"), "asked for", time.Now()), nil
	}, nil)
	if after.Phase == sandbox.PhaseDeleting {
		m.launch("teardown", sandbox.TeardownName(after.ID, after.Attempt), after.TeardownFlow())
	}
}

// pin pins a guest for some days.
func (m *month) pin(g *guest, at time.Time) []happening {
	until := at.Add(time.Duration(1+m.random.IntN(5)) * day)
	return []happening{
		{at, func() {
			m.attend(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.Pin("the demo") }, func() { g.pinned = true })
		}},
		{until, func() {
			m.attend(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.Unpin() }, func() { g.pinned = false })
		}},
	}
}

// look holds that each guest that should be gone by a time is.
func (m *month) look(at time.Time) {
	m.t.Helper()
	whole := func(d time.Duration) time.Duration { return (d + day - 1) / day * day }
	left := 0
	for _, g := range m.guests {
		box, there := m.box(g)
		if !there {
			m.acts["gone"]++
			continue
		}
		left++
		since := g.last(at)
		if g.kept.After(since) {
			since = g.kept
		}
		// Two nights of its own, and those that were broken off by the outage or by
		// bad luck, one of which may come in each part of its life.
		due := since.Add(g.life.Idle + whole(g.life.Warning) + whole(g.life.Sleep) + 2*day + 4*day)
		if !g.pinned && box.FailedNights < 3 && due.Before(at) {
			m.t.Errorf("%s, last used %s, should be gone since %s: it is %s, warned %s, asleep since %s, %v", box.Name, since, due, box.Phase, box.WarnedAt, box.AsleepSince, box.Failure)
		}
	}
	m.acts["still there"] = left
}

func (m *month) box(g *guest) (sandbox.Sandbox, bool) {
	m.quiet()
	box, err := m.store.Get(m.t.Context(), g.ref.Name)
	return box, err == nil && box.ID == g.ref.ID
}

// quiet ends the chaos.
func (m *month) quiet() {
	m.downUntil = time.Time{}
	m.store.Chance, m.s3.Chance, m.cdn.Chance, m.ecr.Chance, m.public.Chance, m.nights.Chance, m.watch.Chance = nil, nil, nil, nil, nil, nil, nil
}

// end lets everybody unpin and leave, and nights go on until nothing is there.
func (m *month) end() {
	for _, g := range m.guests {
		if _, there := m.box(g); there {
			m.attend(g, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
				s.Pinned, s.KeptUntil, s.FailedNights = false, time.Time{}, 0
				return nil, nil
			}, func() { g.pinned, g.kept = false, time.Time{} })
		}
	}
	for n := 30; n < 60; n++ {
		time.Sleep(time.Until(time.Now().Truncate(day).Add(day + 3*time.Hour)))
		m.launch("nightly", fmt.Sprintf("night-%d", n), map[string]string{"by": "schedule"})
		time.Sleep(6 * time.Hour)
		left := 0
		for _, g := range m.guests {
			if _, there := m.box(g); there {
				left++
			}
		}
		if left == 0 {
			m.acts["nights"] = n
			return
		}
	}
	for _, g := range m.guests {
		if box, there := m.box(g); there {
			m.t.Errorf("%s is still %s: warned %s, asleep since %s, %v", box.Name, box.Phase, box.WarnedAt, box.AsleepSince, box.Failure)
		}
	}
}
