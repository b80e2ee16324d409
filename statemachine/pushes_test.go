package statemachine_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// pushes is a cloud with a sandbox that is ready for them.
type pushes struct {
	*cloud
	count atomic.Int64
}

// next returns a number that was not there yet.
func (p *pushes) next() int64 { return p.count.Add(1) }

func newPushes(t *testing.T, spec func(*events.Spec)) *pushes {
	t.Helper()
	p := &pushes{cloud: newCloud(t, spec)}
	if result, _ := p.run("provision", p.flow()); result.Status != asl.StatusSucceeded {
		t.Fatalf("provision: %s, %s", result.Error, result.Cause)
	}
	return p
}

// release stands in for the release machine: it takes its time, and ends the
// release live, then protects its image, as that machine does by its last
// steps and with its retries.
func (c *cloud) release(ctx context.Context, input []byte) error {
	var flow events.ReleaseFlow
	if err := json.Unmarshal(input, &flow); err != nil {
		return err
	}
	select {
	case <-time.After(7 * time.Second):
	case <-ctx.Done(): // it is stopped with the deploy that waits for it
		return ctx.Err()
	}
	var failure error
	retried := func(do func() error) error {
		for range 6 { // as the machine does
			err := do()
			if name := awserr.Name(err); err == nil || name != awserr.NetworkError && name != "Throttling" && name != "ThrottlingException" {
				return err
			}
		}
		return errors.New("too many retries")
	}
	err := retried(func() (err error) { failure, err = c.finish(ctx, flow); return err })
	if err == nil && failure == nil {
		err = retried(func() error { _, err := c.steps["protectimage"](ctx, input); return err })
	}
	return cmp.Or(err, failure)
}

// finish ends a release; it fails when its image is a bad one.
func (c *cloud) finish(ctx context.Context, flow events.ReleaseFlow) (failure, err error) {
	ref := sandbox.RefOf(flow.Sandbox)
	r, err := c.store.GetRelease(ctx, ref, flow.Release.ID)
	if err != nil {
		return nil, err
	}
	if r.Status == sandbox.ReleaseRunning {
		r.Status, r.EndedAt = sandbox.ReleaseLive, time.Now()
		if strings.HasPrefix(r.Image.Tag, "bad") {
			r.Status, r.Failure = sandbox.ReleaseFailed, &events.Failure{Error: "BadContent", Cause: "no web root"}
		}
	}
	if r.Status == sandbox.ReleaseFailed {
		failure = &asl.TaskError{Name: "States.TaskFailed", Cause: r.Failure.Error}
	}
	return failure, sandbox.EndRelease(ctx, c.store, ref, r)
}

func digestOf(n int) string { return fmt.Sprintf("sha256:%064x", n) }

// push pushes an image now and returns the event that tells of it.
func (p *pushes) push(n int, tag string) events.ECRImageEvent {
	p.ecr.Push("docs", digestOf(n), tag, time.Now().Truncate(time.Millisecond))
	return events.ECRImageEvent{
		ID: fmt.Sprint(p.next()), DetailType: events.ECRImageAction, Source: events.SourceECR, Time: time.Now().Truncate(time.Second).UTC(),
		Detail: events.ECRImageDetail{
			Result: events.ECRSuccess, RepositoryName: "docs", ImageDigest: digestOf(n), ActionType: events.ECRPush, ImageTag: tag,
		},
	}
}

// tell starts the deploy machine with an event and returns its execution.
func (p *pushes) tell(event events.ECRImageEvent) string {
	p.t.Helper()
	input, err := json.Marshal(event)
	if err != nil {
		p.t.Fatal(err)
	}
	started, err := p.engine.Start(p.t.Context(), asl.StartInput{Machine: bind(p.t, "deploy"), MachineARN: arnOf("deploy"), Name: fmt.Sprint("deploy-", p.next()), Input: input})
	if err != nil {
		p.t.Fatal(err)
	}
	return started.ExecutionARN
}

// ends tells of an event and returns the last state but one of its deploy,
// which says what became of it.
func (p *pushes) ends(event events.ECRImageEvent) string {
	p.t.Helper()
	arn := p.tell(event)
	if _, err := p.engine.Wait(p.t.Context(), arn); err != nil {
		p.t.Fatal(err)
	}
	history, err := p.engine.Events(arn)
	if err != nil {
		p.t.Fatal(err)
	}
	path := asl.Path(history)
	return path[len(path)-2]
}

func (p *pushes) wantLive(n int) {
	p.t.Helper()
	record, _ := p.record()
	if record.LiveImage.Digest != digestOf(n) || record.ActiveRelease != "" || record.Phase != sandbox.PhaseReady {
		p.t.Fatalf("live is %q, under way %q, phase %s; want %s", record.LiveImage.Digest, record.ActiveRelease, record.Phase, digestOf(n))
	}
	if protected := p.ecr.Repositories["docs"].Tagged(sandbox.LiveTag); protected != digestOf(n) {
		p.t.Errorf("protected is %s, want %s", protected, digestOf(n))
	}
}

// rollback brings an earlier release's image back, as the API does.
func (p *pushes) rollback(n int) {
	p.t.Helper()
	record, _ := p.record()
	r := sandbox.Release{
		ID: fmt.Sprintf("r-%014d", p.next()), CreatedAt: time.Now().UTC(), Source: events.ReleaseSource{Kind: events.SourceRollback},
		Image: events.Image{Repository: "docs", Digest: digestOf(n)},
	}
	if err := sandbox.BeginRelease(p.t.Context(), p.store, record.Ref(), r); err != nil {
		p.t.Fatal(err)
	}
	input, err := json.Marshal(events.ReleaseFlow{Sandbox: record.Event(), Release: r.Event()})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.release(p.t.Context(), input); err != nil {
		p.t.Fatal(err)
	}
}

func TestEachPushEndsInTheStateThatSaysWhatBecameOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushes(t, func(s *events.Spec) { s.Deploy.Tags = []string{"v*", "bad*", "!*-debug"} })
		defer p.close()
		first := p.push(1, "v1")
		want := func(event events.ECRImageEvent, state string) {
			t.Helper()
			if got := p.ends(event); got != state {
				t.Errorf("the event %+v ended in %s, want %s", event.Detail, got, state)
			}
		}
		change := func(event events.ECRImageEvent, with func(*events.ECRImageDetail)) events.ECRImageEvent {
			with(&event.Detail)
			return event
		}
		want(first, "Released")
		p.wantLive(1)
		want(first, "DeployedAlready")
		want(p.push(1, "v1-again"), "LiveAlready")
		want(p.push(2, "latest"), "Ignored")
		want(p.push(2, "v2-debug"), "Ignored")
		want(change(first, func(d *events.ECRImageDetail) { d.RepositoryName = "other" }), "UnknownRepository")
		want(change(first, func(d *events.ECRImageDetail) { d.RepositoryName = "no/sandbox's" }), "UnknownRepository")
		want(change(first, func(d *events.ECRImageDetail) { d.ActionType = events.ECRDelete }), "NotAPush")
		want(change(first, func(d *events.ECRImageDetail) { d.Result = events.ECRFailure }), "PushFailed")
		want(change(first, func(d *events.ECRImageDetail) { d.ImageDigest = digestOf(99) }), "NoSuchImage")
		want(change(first, func(d *events.ECRImageDetail) { d.ImageDigest = "sha256:7f5b" }), "NoSuchImage")
		want(change(first, func(d *events.ECRImageDetail) { d.ImageTag = "" }), "Ignored")
		want(change(first, func(d *events.ECRImageDetail) { d.ImageTag = sandbox.LiveTag }), "Ignored")
		p.wantLive(1)

		moved := p.push(3, "v3")
		now := p.push(4, "v3")
		want(moved, "TagMoved")
		want(now, "Released")
		want(p.push(5, "bad"), "RecordFailure")
		p.wantLive(4)
		if log := p.store.Log(); log[len(log)-1].Failure == nil || log[len(log)-1].Failure.Error != "BadContent" {
			t.Errorf("the last event is %+v", log[len(log)-1])
		}

		late := p.push(6, "v6")
		time.Sleep(time.Second)
		p.rollback(1)
		p.wantLive(1)
		want(now, "DeployedAlready")
		want(late, "Superseded")
		p.wantLive(1)
		want(p.push(4, "v3"), "Released") // a new push of what was rolled back
		p.wantLive(4)

		p.update(sandbox.PhaseDeleting)
		want(p.push(7, "v7"), "SandboxGoes")
	})
}

// TestTwoPushesInASecond: the later one is live at the end, in whatever order
// they are told of.
func TestTwoPushesInASecond(t *testing.T) {
	for _, reversed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := newPushes(t, func(*events.Spec) {})
			defer p.close()
			time.Sleep(100 * time.Millisecond)
			one := p.push(1, "v1")
			time.Sleep(300 * time.Millisecond)
			two := p.push(2, "v2")
			if reversed {
				one, two = two, one
			}
			p.tell(one)
			p.tell(two)
			time.Sleep(time.Minute)
			p.wantLive(2)
		})
	}
}

// TestAMissedPushIsFound: the schedule deploys what no event told of, once.
func TestAMissedPushIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushes(t, func(s *events.Spec) { s.Deploy.Tags = []string{"!ignored*"} })
		defer p.close()
		reconcile := func() {
			t.Helper()
			if result, err := p.start(t.Context(), "reconcile", fmt.Sprint("reconcile-", p.next()), []byte(`{}`)); err != nil || result.Status != asl.StatusSucceeded {
				t.Fatalf("%v: %s, %s", err, result.Error, result.Cause)
			}
			time.Sleep(time.Minute)
		}
		deploys := func() int { return len(releasesOf(t, p.store)) }

		reconcile() // nothing was pushed yet
		p.push(1, "v1")
		p.push(2, "v2")
		time.Sleep(time.Second)
		p.push(3, "ignored")
		reconcile()
		p.wantLive(2)
		reconcile()
		reconcile()
		if deploys() != 1 {
			t.Errorf("%d deploys", deploys())
		}

		// A rollback is not undone, nor is what failed tried again.
		p.rollback(1)
		reconcile()
		p.wantLive(1)
		if p.ends(p.push(4, "bad")) != "RecordFailure" {
			t.Error("a bad image is deployed")
		}
		before := deploys()
		reconcile()
		p.wantLive(1)
		if deploys() != before {
			t.Errorf("%d deploys, want %d", deploys(), before)
		}

		// The tag of the newest push moved to an image that was there before.
		if p.ends(p.push(5, "main")) != "Released" {
			t.Error("main is not deployed")
		}
		time.Sleep(time.Second)
		p.push(2, "main")
		reconcile()
		p.wantLive(2)
		reconcile()

		// An execution that waited for the lock is lost.
		event := p.push(6, "v6")
		p.store.Fail("PutRelease", steptest.Refusal("AccessDenied"))
		if got := p.ends(event); got != "RecordFailure" {
			t.Errorf("the deploy went to %s", got)
		}
		reconcile()
		p.wantLive(6)

		// So is the tag that keeps the live image.
		p.ecr.Push("docs", digestOf(1), sandbox.LiveTag, time.Now())
		reconcile()
		p.wantLive(6)
	})
}

// TestAStoppedDeployDoesNotKeepTheSandboxLocked: stopped by hand, a deploy
// takes no Catch, and the lock of its release stays until the schedule looks.
func TestAStoppedDeployDoesNotKeepTheSandboxLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushes(t, func(*events.Spec) {})
		defer p.close()
		reconcile := func() {
			t.Helper()
			if result, err := p.start(t.Context(), "reconcile", fmt.Sprint("reconcile-", p.next()), []byte(`{}`)); err != nil || result.Status != asl.StatusSucceeded {
				t.Fatalf("%v: %s, %s", err, result.Error, result.Cause)
			}
			time.Sleep(time.Minute)
		}
		p.tell(p.push(1, "v1"))
		time.Sleep(6 * time.Second)
		if record, _ := p.record(); record.ActiveRelease == "" {
			t.Fatal("no release is under way")
		}
		reconcile() // what runs is left alone
		p.wantLive(1)

		deploy := p.tell(p.push(2, "v2"))
		time.Sleep(6 * time.Second)
		if _, err := p.engine.Stop(deploy, "Stopped", "by hand"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		if record, _ := p.record(); record.ActiveRelease == "" || record.Phase != sandbox.PhaseUpdating {
			t.Fatalf("under way %q, phase %s: nothing is left to be freed", record.ActiveRelease, record.Phase)
		}
		reconcile() // it is free again, and its push is deployed after all
		p.wantLive(2)
	})
}

func releasesOf(t *testing.T, store *steptest.Store) []sandbox.Release {
	t.Helper()
	all, _, err := store.ListReleases(t.Context(), sandbox.Ref{}, sandbox.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAnyDeliveryOfAnyPushesEndsOnTheLastOne: events come twice, late, in
// another order or never, AWS's own faults come between, and the schedule runs.
func TestAnyDeliveryOfAnyPushesEndsOnTheLastOne(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(seed, 1))
			p := newPushes(t, func(*events.Spec) {})
			defer p.close()
			const last = 12
			for n := range last + 1 {
				event := p.push(n, []string{"latest", "v" + fmt.Sprint(n)}[chance.IntN(2)])
				for range chance.IntN(3) { // none is a lost one
					timer := time.AfterFunc(time.Duration(chance.IntN(40_000))*time.Millisecond, func() { p.tell(event) })
					t.Cleanup(func() { timer.Stop() })
				}
				if chance.IntN(4) == 0 {
					p.store.LoseReply("Update")
					p.store.LoseReply("PutRelease")
					p.ecr.Fail("DescribeImages", steptest.Refusal("ThrottlingException"))
				}
				time.Sleep(time.Duration(chance.IntN(9_000)) * time.Millisecond)
			}
			time.Sleep(2 * time.Minute)
			for range 6 { // some of which AWS's faults may still spoil
				if result, err := p.start(t.Context(), "reconcile", fmt.Sprint("reconcile-", p.next()), []byte(`{}`)); err != nil || result.Status != asl.StatusSucceeded {
					t.Fatalf("seed %d: %v: %s", seed, err, result.Error)
				}
				time.Sleep(time.Minute)
			}
			p.wantLive(last)
			count := map[string]int{}
			for _, r := range releasesOf(t, p.store) {
				if count[r.Image.Digest]++; count[r.Image.Digest] > 1 || r.Status == sandbox.ReleaseRunning {
					t.Errorf("seed %d: %s is deployed %d times, and is %s", seed, r.Image.Digest, count[r.Image.Digest], r.Status)
				}
			}
		})
	}
}

// TestAfterAnySingleFailureOfADeployThePushIsLive makes every call fail once;
// what a final refusal stops, the schedule takes up again.
func TestAfterAnySingleFailureOfADeployThePushIsLive(t *testing.T) {
	var all []fault
	setUp := func(t *testing.T) (*pushes, events.ECRImageEvent, func() []fault) {
		p := newPushes(t, func(*events.Spec) {})
		event := p.push(1, "v1")
		before := []int{len(p.store.Calls()), len(p.ecr.Calls())}
		return p, event, func() []fault { return p.faults(p.store.Calls()[before[0]:], p.ecr.Calls()[before[1]:]) }
	}
	synctest.Test(t, func(t *testing.T) {
		p, event, faults := setUp(t)
		defer p.close()
		p.ends(event)
		all = faults()
	})
	for _, f := range all {
		t.Run(f.operation+" "+fmt.Sprint(f.n)+" "+f.kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, event, _ := setUp(t)
				defer p.close()
				p.order(f)
				p.ends(event)
				if record, _ := p.record(); record.ActiveRelease != "" {
					t.Errorf("the lock is left to %s", record.ActiveRelease)
				}
				if _, err := p.start(t.Context(), "reconcile", "reconcile", []byte(`{}`)); err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Minute)
				record, _ := p.record()
				failed := false
				for _, r := range releasesOf(t, p.store) {
					failed = failed || r.Status == sandbox.ReleaseFailed && !r.Refused()
				}
				if record.LiveImage.Digest != digestOf(1) && !failed {
					t.Errorf("live is %q, and no release says why", record.LiveImage.Digest)
				}
				if f.kind != final && failed {
					t.Error("a passing fault was not passed")
				}
			})
		})
	}
}
