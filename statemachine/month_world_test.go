package statemachine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/beginnight"
	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/functions/endnight"
	"github.com/mayfly-dev/mayfly/functions/settlenight"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const day = 24 * time.Hour

// guest is a sandbox as it really was, which nights see through CloudWatch, ECR
// and the record alone.
type guest struct {
	ref     sandbox.Ref
	life    sandbox.Life
	expires time.Time
	// uses are when it was used, and warned is when it was last warned of.
	uses   []time.Time
	warned time.Time
	pinned bool
	kept   time.Time
	// left says that its owner deleted it.
	left bool
}

// last is its last use that can be known at a time: CloudWatch is late.
func (g *guest) last(at time.Time) time.Time {
	for _, use := range slices.Backward(g.uses) {
		if !use.After(at.Add(-activity.Late)) {
			return use
		}
	}
	return g.uses[0]
}

// idleFor is for how long nobody must have used it at a time.
func (g *guest) idleFor(at time.Time) time.Duration {
	if !g.expires.IsZero() && !g.expires.After(at) {
		return min(g.life.Idle, day)
	}
	return g.life.Idle
}

// month is an installation with many sandboxes, and what really happens to
// them.
type month struct {
	*cloud
	random *rand.Rand
	nights *steptest.Nights
	watch  *watch
	// down is when no service of the region answers.
	downFrom, downUntil time.Time

	truth   sync.Mutex        // guards what follows, and the guests
	guests  map[string]*guest // by id
	acts    map[string]int
	wrong   []string
	chances *rand.Rand
}

// newMonth is to be called in a bubble of synctest.
func newMonth(t *testing.T, seed uint64) *month {
	t.Helper()
	m := &month{
		cloud: newCloud(t, func(*events.Spec) {}), random: rand.New(rand.NewPCG(seed, 1)), chances: rand.New(rand.NewPCG(seed, 2)),
		nights: steptest.NewNights(), watch: &watch{points: map[string][]time.Time{}}, guests: map[string]*guest{}, acts: map[string]int{},
	}
	must(t, m.store.Remove(t.Context(), m.of.Ref()))
	uses := &metered.Reader{Global: m.watch, Regional: m.watch, Images: m.ecr, Releases: none{}, Now: time.Now, Late: activity.Late}
	boxes := observed{m.store, m}
	m.steps["beginnight"] = step(beginnight.New(described{m.cloud}, m.nights, time.Now).Handle)
	m.steps["decidenight"] = step(decidenight.New(night.Planner{Sandboxes: m.store, Uses: uses, Now: time.Now}, boxes, m.nights, decidenight.Options{
		Sleep: arnOf("sleep"), Teardown: arnOf("teardown"), Page: decidenight.Page, Interval: 500 * time.Millisecond, Now: time.Now,
	}).Handle)
	m.steps["settlenight"] = step(settlenight.New(m.store, m.nights, settlenight.Options{Every: 20 * time.Second, GiveUp: 2 * time.Hour, Margin: time.Second, Now: time.Now}).Handle)
	// What no record knows is looked for by the test itself, at the end.
	m.steps["findorphans"] = func(context.Context, []byte) ([]byte, error) { return []byte(usual["findorphans"]), nil }
	m.steps["endnight"] = step(endnight.New(m.nights, notice.Teller{}, time.Now).Handle)
	return m
}

// chaos lets calls fail: each service's now and then, all of them while the
// region is down.
func (m *month) chaos() {
	for _, service := range []*steptest.Faults{&m.store.Faults, &m.s3.Faults, &m.cdn.Faults, &m.ecr.Faults, &m.public.Faults, &m.nights.Faults, &m.watch.Faults} {
		service.Chance = m.chance
	}
}

func (m *month) chance(string) (late bool, err error) {
	if now := time.Now(); now.After(m.downFrom) && now.Before(m.downUntil) {
		return false, steptest.Refusal("ServiceUnavailable")
	}
	m.truth.Lock()
	defer m.truth.Unlock()
	switch n := m.chances.IntN(1000); {
	case n < 4:
		return false, steptest.Refusal("Throttling")
	case n < 6:
		return false, steptest.Reset() // a timeout
	case n < 9:
		return true, steptest.Reset() // a lost reply
	}
	return false, nil
}

// launch starts an execution, and does not wait for it.
func (m *month) launch(machine, name string, flow any) {
	input, err := json.Marshal(flow)
	if err != nil {
		m.t.Fatal(err)
	}
	_, err = m.engine.Start(m.t.Context(), asl.StartInput{Machine: m.machine(machine), MachineARN: arnOf(machine), Name: name, Input: input})
	if err != nil {
		m.t.Errorf("start %s: %v", name, err)
	}
}

// persist does what a person does until it is done: nobody gives up at the first
// error.
func (m *month) persist(do func() error) {
	for range 60 {
		err := do()
		var phase *sandbox.PhaseError
		var deleting *sandbox.DeletingError
		var underway *sandbox.ReleaseUnderwayError
		if err == nil || errors.Is(err, sandbox.ErrNotFound) || errors.As(err, &phase) || errors.As(err, &deleting) || errors.As(err, &underway) {
			return
		}
		time.Sleep(5 * time.Minute)
	}
	m.t.Error("nothing could be written for five hours")
}

// change changes a record as the API does: a use of the sandbox, if it is there.
func (m *month) change(g *guest, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (after sandbox.Sandbox) {
	m.persist(func() (err error) {
		after, err = m.store.Update(m.t.Context(), g.ref, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			log, err := change(s)
			if err == nil {
				s.ChangedAt = time.Now()
			}
			return log, err
		})
		return err
	})
	return after
}

// use notes a use of a guest, before its traces can be seen.
func (m *month) use(g *guest, at time.Time) {
	m.truth.Lock()
	defer m.truth.Unlock()
	g.uses = append(g.uses, at)
}

// observed is the store as a night writes to it: each change that touches a
// sandbox is held to what really was.
type observed struct {
	*steptest.Store
	m *month
}

func (o observed) Update(ctx context.Context, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (sandbox.Sandbox, error) {
	return o.Store.Update(ctx, ref, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		before := *s
		log, err := change(s)
		if err == nil {
			o.m.judge(&before, s)
		}
		return log, err
	})
}

// judge notes when a night touches what it must not.
func (m *month) judge(before, after *sandbox.Sandbox) {
	now := time.Now()
	m.truth.Lock()
	defer m.truth.Unlock()
	g := m.guests[before.ID]
	wrong := func(what string) {
		m.wrong = append(m.wrong, fmt.Sprintf("%s, %s, was touched at %s though %s (phase %s to %s, %s)", before.Name, before.ID, now, what, before.Phase, after.Phase, after.SleepReason))
	}
	sleeps, goes := after.FallingAsleep() && !before.FallingAsleep(), after.Phase == sandbox.PhaseDeleting && before.Phase != sandbox.PhaseDeleting
	switch {
	case after.WarnedAt.After(before.WarnedAt):
		m.acts["warned"]++
		g.warned = now
	case sleeps:
		m.acts["put to sleep"]++
	case goes:
		m.acts["torn down"]++
	default:
		return
	}
	switch {
	case before.Phase == sandbox.PhaseFailed || before.Phase == sandbox.PhaseProvisioning || g.left:
		return // what never came to be, and what its owner gave up
	case g.pinned:
		wrong("it is pinned")
	case g.kept.After(now):
		wrong("it is extended")
	case now.Sub(g.last(now)) < g.idleFor(now.Add(g.life.Warning)) && (before.Phase == sandbox.PhaseReady || goes):
		wrong("it was used " + now.Sub(g.last(now)).String() + " ago")
	case goes && now.Sub(g.last(now)) < g.life.Sleep:
		wrong("it was used " + now.Sub(g.last(now)).String() + " ago")
	}
	// What is decided a few minutes early waits for its time: step decidenight's own test.
	if due := g.warned.Add(g.life.Warning - 10*time.Minute); (sleeps && before.Phase == sandbox.PhaseReady || goes) && (g.warned.IsZero() || now.Before(due) || g.last(now).After(g.warned)) {
		wrong(fmt.Sprintf("it was warned of at %s and used at %s", g.warned, g.last(now)))
	}
}

// watch is CloudWatch, five minutes late. What happened is by the dimension that
// names a distribution or a repository.
type watch struct {
	steptest.Faults
	mu     sync.Mutex
	points map[string][]time.Time
}

func (w *watch) add(of string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.points[of] = append(w.points[of], at)
}

func (w *watch) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	if w.Chance != nil {
		if late, err := w.Chance("GetMetricData"); err != nil && !late {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	out := &cloudwatch.GetMetricDataOutput{}
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		result := cwtypes.MetricDataResult{Id: q.Id, StatusCode: cwtypes.StatusCodeComplete}
		period := time.Duration(*q.MetricStat.Period) * time.Second
		var last time.Time
		for _, at := range w.points[*q.MetricStat.Metric.Dimensions[0].Value] {
			if at.Before(*in.StartTime) || time.Since(at) < 5*time.Minute {
				continue
			}
			if begin := at.Truncate(period); !begin.Equal(last) {
				result.Timestamps, result.Values = append(result.Timestamps, begin), append(result.Values, 1)
				last = begin
			}
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	return out, nil
}

// none has no releases.
type none struct{}

func (none) ListReleases(context.Context, sandbox.Ref, sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error) {
	return nil, "", nil
}

// plant puts things into the account that are not Mayfly's, some of which look
// like it, and returns what holds them to being there, unchanged.
func (m *month) plant() func() {
	tag := func(key, value string) s3types.Tag { return s3types.Tag{Key: &key, Value: &value} }
	m.s3.Buckets["somebodys-site"] = &steptest.Bucket{}
	m.s3.Buckets["mayfly-holidays"] = &steptest.Bucket{Tags: []s3types.Tag{tag("owner", "ann")}}
	m.s3.Buckets["mayfly-s0001-zzzzzzzzzz"] = &steptest.Bucket{Tags: []s3types.Tag{tag(sandbox.TagSandboxID, "zzzzzzzzzz")}}
	for _, name := range []string{"somebodys-site", "mayfly-holidays", "mayfly-s0001-zzzzzzzzzz"} {
		m.s3.Fill(name, "", 5)
	}
	m.cdn.Distributions["EFOREIGN"] = &steptest.Distribution{ID: "EFOREIGN", ETag: "T", ChangedAt: time.Now(), Config: &types.DistributionConfig{
		Enabled: aws.Bool(true), CallerReference: aws.String("by-hand"), Comment: aws.String("mayfly of the garden"), Origins: &types.Origins{Quantity: aws.Int32(0)},
	}}
	m.cdn.Identities["IFOREIGN"] = &steptest.Identity{ID: "IFOREIGN", ETag: "T", CallerReference: "by-hand", Comment: "mayfly s0001"}
	m.ecr.Repositories["somebodys-images"] = &steptest.Repository{Created: ecr.CreateRepositoryInput{RepositoryName: aws.String("somebodys-images")}}
	return func() {
		m.t.Helper()
		for _, name := range []string{"somebodys-site", "mayfly-holidays", "mayfly-s0001-zzzzzzzzzz"} {
			if b := m.s3.Buckets[name]; b == nil || len(b.Versions) != 5 {
				m.t.Errorf("the bucket %s, which is not Mayfly's, was touched", name)
			}
			delete(m.s3.Buckets, name)
		}
		if d := m.cdn.Distributions["EFOREIGN"]; d == nil || !*d.Config.Enabled || d.ETag != "T" {
			m.t.Error("a distribution that is not Mayfly's was touched")
		}
		if m.cdn.Identities["IFOREIGN"] == nil || m.ecr.Repositories["somebodys-images"] == nil {
			m.t.Error("an identity or a repository that is not Mayfly's was touched")
		}
		delete(m.cdn.Distributions, "EFOREIGN")
		delete(m.cdn.Identities, "IFOREIGN")
		delete(m.ecr.Repositories, "somebodys-images")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
