package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/gateway"
)

// spot is one call of a flow: the nth of an operation.
type spot struct {
	service, operation string
	nth                int
}

func (s spot) String() string { return fmt.Sprintf("%s.%s.%d", s.service, s.operation, s.nth) }

// spotsOf names the calls of a flow one by one. What the API itself asks of Step
// Functions is not the flow's; nor are its records, which it reads as often as it
// is asked.
func spotsOf(recorded []gateway.Call) []spot {
	seen := make(map[spot]int)
	var all []spot
	for _, call := range recorded {
		if call.Service == "states" || call.Service == "dynamodb" {
			continue
		}
		s := spot{service: call.Service, operation: call.Operation}
		s.nth = seen[s]
		seen[spot{service: call.Service, operation: call.Operation}]++
		all = append(all, s)
	}
	return all
}

// harms are what becomes of the one call. Of bootstraps it is refused alone: its
// error crosses from the one process to the other, while a reply that is lost
// is made up for in the function, wherever that runs.
func harms() map[string]gateway.Fault {
	all := map[string]gateway.Fault{"refused": {Code: "AccessDenied", Status: 403}}
	if local.Functions(*functionsFlag) != local.Process {
		all["lostReply"] = gateway.Fault{LoseReply: true}
	}
	return all
}

// harm makes the call at a spot go wrong, and returns how often it did.
func (c *cloud) harm(s spot, fault gateway.Fault) *atomic.Int32 {
	hits := new(atomic.Int32)
	fault.Service, fault.Operation, fault.Skip = s.service, s.operation, s.nth
	fault.Hit = func() { hits.Add(1) }
	c.faults.Add(fault)
	return hits
}

const faulty = "faulty"

// faultlessFlows are a life's calls without any fault: those that make a site live, and
// those that take it away.
func faultlessFlows(t *testing.T) (live, teardown []spot) {
	c := start(t, nil)
	c.calls.take()
	c.create(t, events.CreateSandbox{Name: faulty})
	c.release(t, faulty, site())
	c.idle(t)
	live = spotsOf(c.calls.take())
	c.removeFaulty(t)
	teardown = spotsOf(c.calls.take())
	for _, want := range []spot{{"s3", "CreateBucket", 0}, {"cloudfront", "CreateDistributionWithTags", 0}, {"s3", "PutBucketPolicy", 0}} {
		if !slices.Contains(live, want) {
			t.Fatalf("a site is made without %s: %v", want, live)
		}
	}
	for _, want := range []spot{{"s3", "DeleteBucket", 0}, {"cloudfront", "DeleteDistribution", 0}} {
		if !slices.Contains(teardown, want) {
			t.Fatalf("a site is removed without %s: %v", want, teardown)
		}
	}
	return live, teardown
}

// TestAnyCallOfAProvisionMayFail: a sandbox whose making or first release
// loses one call is ready, or it has failed and left nothing.
func TestAnyCallOfAProvisionMayFail(t *testing.T) {
	calls, _ := faultlessFlows(t)
	for _, s := range calls {
		for name, fault := range harms() {
			t.Run(s.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := start(t, nil)
				before := c.inventory(t)
				hits := c.harm(s, fault)
				if err := c.api(t.Context(), "POST", "/v1/sandboxes", events.CreateSandbox{Name: faulty}, nil); err != nil {
					t.Fatal(err)
				}
				box := c.atEnd(t)
				if box.Phase == events.PhaseReady {
					c.tryRelease(t, box)
				}
				c.idle(t)
				if hits.Load() != 1 {
					t.Fatalf("the call was hit %d times", hits.Load())
				}
				c.faults.Clear()
				if box.Phase == events.PhaseFailed {
					// Its record is all there is.
					left := c.inventory(t)
					left["sandboxes"] = before["sandboxes"]
					if !maps.Equal(before, left) {
						t.Errorf("a failed provision (%+v) left: before %v, after %v", box.Failure, before, left)
					}
				}
				c.removeFaulty(t)
				if after := c.inventory(t); !maps.Equal(before, after) {
					t.Errorf("left behind: before %v, after %v", before, after)
				}
			})
		}
	}
}

// tryRelease releases the site; the release may fail for the fault, and is
// live when asked again without one.
func (c *cloud) tryRelease(t *testing.T, box events.SandboxState) {
	t.Helper()
	id, err := c.upload(t.Context(), faulty, site())
	var first events.ReleaseState
	if err == nil {
		err = c.api(t.Context(), "POST", "/v1/sandboxes/"+faulty+"/releases", events.CreateRelease{Upload: id}, &first)
	}
	if err == nil && c.released(t, faulty, first.ID).Status == "live" {
		c.shows(t, box.URL, "<h1>one</h1>")
		return
	}
	c.faults.Clear()
	if again := c.release(t, faulty, site()); again.Status != "live" {
		t.Errorf("the release after one that failed (%v): %+v", err, again)
		return
	}
	c.shows(t, box.URL, "<h1>one</h1>")
}

// TestAnyCallOfATeardownMayFail: a teardown that loses one call ends, or is
// ended by asking again.
func TestAnyCallOfATeardownMayFail(t *testing.T) {
	_, calls := faultlessFlows(t)
	for _, s := range calls {
		for name, fault := range harms() {
			t.Run(s.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := start(t, nil)
				before := c.inventory(t)
				c.create(t, events.CreateSandbox{Name: faulty})
				if r := c.release(t, faulty, site()); r.Status != "live" {
					t.Fatalf("release: %+v", r)
				}
				c.idle(t)
				hits := c.harm(s, fault)
				if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/"+faulty, nil, nil); err != nil {
					t.Fatal(err)
				}
				if box := c.atEnd(t); box.Phase == events.PhaseFailed && box.Failure.Error == "" {
					t.Errorf("it failed without saying why: %+v", box)
				}
				if hits.Load() != 1 {
					t.Fatalf("the call was hit %d times", hits.Load())
				}
				c.removeFaulty(t)
				if after := c.inventory(t); !maps.Equal(before, after) {
					t.Errorf("left behind: before %v, after %v", before, after)
				}
			})
		}
	}
}

// idle waits until no flow is under way: a release is live before its archive
// is cleared away.
func (c *cloud) idle(t *testing.T) {
	t.Helper()
	states := c.sfn()
	eventually(t, "no flow under way", func() (bool, error) {
		machines, err := states.ListStateMachines(t.Context(), &sfn.ListStateMachinesInput{})
		if err != nil {
			return false, err
		}
		for _, machine := range machines.StateMachines {
			running, err := states.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: machine.StateMachineArn, StatusFilter: sfntypes.ExecutionStatusRunning})
			if err != nil || len(running.Executions) > 0 {
				return false, errors.Join(err, fmt.Errorf("%s runs", *machine.Name))
			}
		}
		return true, nil
	})
}

// atEnd waits until the sandbox is ready, failed or gone.
func (c *cloud) atEnd(t *testing.T) events.SandboxState {
	t.Helper()
	var box events.SandboxState
	eventually(t, "an end", func() (bool, error) {
		box = events.SandboxState{}
		err := c.api(t.Context(), "GET", "/v1/sandboxes/"+faulty, nil, &box)
		if status(err) == 404 {
			box.Phase = events.PhaseDeleted
			return true, nil
		}
		return err == nil && (box.Phase == events.PhaseReady || box.Phase == events.PhaseFailed),
			fmt.Errorf("%w: phase %s, step %s, failure %+v", err, box.Phase, box.Step, box.Failure)
	})
	return box
}

// removeFaulty deletes the sandbox, which may be gone already, and waits.
func (c *cloud) removeFaulty(t *testing.T) {
	t.Helper()
	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/"+faulty, nil, nil); err != nil && status(err) != 404 {
		t.Fatal(err)
	}
	c.gone(t, faulty)
}
