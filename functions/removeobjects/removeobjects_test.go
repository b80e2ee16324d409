package removeobjects_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/removeobjects"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func prepared(t *testing.T, n int) (*releasetest.S3, *releasetest.Store, events.ReleaseFlow) {
	t.Helper()
	client := &releasetest.S3{}
	client.CreateBucket("site")
	client.CreateBucket("uploads")
	plan := release.Plan{PlanHeader: release.PlanHeader{SandboxID: "id", Release: "r", Bucket: "site"}}
	for i := range n {
		plan.Remove = append(plan.Remove, fmt.Sprintf("k%05d", i))
	}
	if err := s3store.PutPlan(t.Context(), client, "uploads", plan); err != nil {
		t.Fatal(err)
	}
	client.Calls()
	return client, releasetest.NewStore(sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r"}), events.ReleaseFlow{
		Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r"},
		Plan: &events.ReleasePlan{Bucket: "uploads", Key: release.PlanKey("id", "r"), Remove: n},
	}
}

func calls(client *releasetest.S3) (n int) {
	for _, c := range client.Calls() {
		if c == "DeleteObjects site/" {
			n++
		}
	}
	return n
}

func TestKeysAreRemovedAThousandAtOnce(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 1000: 1, 1001: 2, 2500: 3} {
		client, store, flow := prepared(t, n)
		out, err := removeobjects.New(client, store, time.Now).Handle(t.Context(), flow)
		if err != nil || !out.Done || out.Objects != n {
			t.Errorf("%d keys: %+v, %v", n, out, err)
		}
		if got := calls(client); got != want {
			t.Errorf("%d keys: %d calls", n, got)
		}
		if n > 0 && !client.Versions("site", fmt.Sprintf("k%05d", n-1))[0].Marker {
			t.Errorf("%d keys: the last has no delete marker", n)
		}
	}
}

type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

func TestARunStopsBeforeItsDeadlineAndTheNextGoesOn(t *testing.T) {
	client, store, flow := prepared(t, 3500)
	now := time.Now()
	step := removeobjects.New(client, store, func() time.Time { return now })
	var seen []int
	for done := false; !done; {
		out, err := step.Handle(deadline{t.Context(), now}, flow) // no time at all: one batch a run
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, out.Next)
		done, flow.Removed = out.Done, &out
	}
	if !slices.Equal(seen, []int{1000, 2000, 3000, 3500}) || calls(client) != 4 {
		t.Errorf("runs: %v", seen)
	}
}

func TestAKeyThatIsRefusedIsNamed(t *testing.T) {
	for code, want := range map[string]string{"AccessDenied": "AccessDenied", "InternalError": "InternalError", "NoSuchKey": ""} {
		client, store, flow := prepared(t, 5)
		client.Fail = func(op, key string) error {
			if op == "DeleteObjects.key" && key == "k00003" {
				return keyError(code)
			}
			return nil
		}
		out, err := removeobjects.New(client, store, time.Now).Handle(t.Context(), flow)
		if want == "" {
			if err != nil || !out.Done {
				t.Errorf("%s: %v", code, err)
			}
			continue
		}
		if err == nil || awserr.Name(err) != want {
			t.Errorf("%s: %v", code, err)
		}
	}
}

type keyError string

func (e keyError) Error() string { return string(e) }
