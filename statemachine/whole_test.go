package statemachine_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// specs are the kinds of sandbox there are.
var specs = map[string]func(*events.Spec){
	"identity": func(*events.Spec) {},
	"control":  func(s *events.Spec) { s.OriginAccess = events.OriginAccessControl },
	"waf":      func(s *events.Spec) { s.WAF = true },
	"website":  func(s *events.Spec) { s.Delivery = events.DeliveryWebsite },
	"public": func(s *events.Spec) {
		s.Delivery, s.Repository.Visibility = events.DeliveryWebsite, events.VisibilityPublic
	},
	"no repository": func(s *events.Spec) { s.Repository.Visibility = events.VisibilityNone },
	"repository alone": func(s *events.Spec) {
		s.Delivery, s.Repository.Pushers = events.DeliveryNone, []string{"111122223333"}
	},
}

func TestASandboxLivesAndGoes(t *testing.T) {
	for kind, spec := range specs {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, spec)
				defer c.close()
				begin := time.Now()
				result, transitions := c.run("provision", c.flow())
				record, _ := c.record()
				if result.Status != asl.StatusSucceeded || record.Phase != sandbox.PhaseReady || transitions > 18 {
					t.Fatalf("%s after %d transitions: %s, %s; phase %s", result.Status, transitions, result.Error, result.Cause, record.Phase)
				}
				t.Logf("ready after %d transitions and %s", transitions, time.Since(begin))

				made := record.Made()
				if c.of.Spec.Delivery != events.DeliveryNone {
					flow := c.flow()
					flow.Sandbox.Spec.IndexDocument, flow.Made = "home.html", made
					c.update(sandbox.PhaseUpdating)
					if result, _ := c.run("update", flow); result.Status != asl.StatusSucceeded {
						t.Fatalf("update: %s, %s", result.Error, result.Cause)
					}
					if record, _ = c.record(); record.Phase != sandbox.PhaseReady {
						t.Fatalf("phase %s", record.Phase)
					}
					c.s3.Fill(made.Bucket.Name, "", 2001)
					c.s3.Fill(uploads, "uploads/"+record.ID+"/", 3)
				}
				if (made.Repository == nil) != (c.of.Spec.Repository.Visibility == events.VisibilityNone) {
					t.Errorf("repository %+v", made.Repository)
				}
				if made.Repository != nil && !made.Repository.Public {
					c.ecr.Push("docs", "sha256:1", "v1", time.Now())
				}
				if result, _ := c.run("teardown", c.flow()); result.Status != asl.StatusSucceeded {
					t.Fatalf("teardown: %s, %s", result.Error, result.Cause)
				}
				if _, there := c.record(); there {
					t.Error("the record is there")
				}
				c.wantNothing()
			})
		})
	}
}

// update sets the sandbox's phase as the API does before it starts a machine.
func (c *cloud) update(phase sandbox.Phase) {
	c.t.Helper()
	_, err := c.store.Update(c.t.Context(), c.of.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase, s.DeleteRequested = phase, phase == sandbox.PhaseDeleting
		return nil, nil
	})
	if err != nil {
		c.t.Error(err)
	}
}

// final is a refusal that no state retries.
const final = "InvalidRequest"

// fault is one that happens once, to the nth call of an operation.
type fault struct {
	operation string
	n         int
	kind      string
}

// faults returns every fault of every call that a run made.
func (c *cloud) faults(calls ...[]string) []fault {
	var all []fault
	count := map[string]int{}
	for _, operation := range slices.Concat(calls...) {
		if operation == "Get" || operation == "Remove" || operation == "AddDuration" {
			continue
		}
		for _, kind := range []string{"lost", "Throttling", final} {
			all = append(all, fault{operation, count[operation], kind})
		}
		count[operation]++
	}
	return all
}

func (c *cloud) order(f fault) {
	for _, service := range []*steptest.Faults{&c.store.Faults, &c.s3.Faults, &c.cdn.Faults, &c.ecr.Faults, &c.public.Faults, &c.waf.Faults} {
		service.Pass(f.operation, f.n)
		if f.kind == "lost" {
			service.LoseReply(f.operation)
		} else {
			service.Fail(f.operation, steptest.Refusal(f.kind))
		}
	}
}

// TestAfterAnySingleFailureASandboxIsReadyOrGone makes every call of a
// provision fail once, in every way.
func TestAfterAnySingleFailureASandboxIsReadyOrGone(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(specs)) {
		var all []fault
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t, specs[kind])
			defer c.close()
			c.run("provision", c.flow())
			all = c.faults(c.store.Calls(), c.s3.Calls(), c.cdn.Calls(), c.ecr.Calls(), c.public.Calls(), c.waf.Calls())
		})
		for _, f := range all {
			t.Run(kind+" "+f.operation+" "+f.kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCloud(t, specs[kind])
					defer c.close()
					c.order(f)
					result, _ := c.run("provision", c.flow())
					record, _ := c.record()
					switch {
					case result.Status == asl.StatusSucceeded:
						if record.Phase != sandbox.PhaseReady {
							t.Errorf("phase %s", record.Phase)
						}
						if f.kind == final {
							t.Error("a final refusal went by")
						}
					case f.kind != final:
						t.Errorf("a passing fault was not passed: %s, %s", result.Error, result.Cause)
					default:
						if record.Phase != sandbox.PhaseFailed || record.Failure == nil || record.Failure.Error != final || len(record.Resources) != 0 {
							t.Errorf("the record is %s with %v and %v", record.Phase, record.Failure, record.Resources)
						}
						c.wantNothing()
					}
				})
			})
		}
	}
}

// TestAfterAnySingleFailureATeardownLeavesNothingOrSaysWhat does the same to a
// teardown; what a final refusal left is gone after the next one.
func TestAfterAnySingleFailureATeardownLeavesNothingOrSaysWhat(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(specs)) {
		setUp := func(t *testing.T) (*cloud, func() []fault) {
			c := newCloud(t, specs[kind])
			c.run("provision", c.flow())
			record, _ := c.record()
			if made := record.Made(); made.Bucket != nil {
				c.s3.Fill(made.Bucket.Name, "", 3)
			}
			c.update(sandbox.PhaseDeleting)
			before := []int{len(c.store.Calls()), len(c.s3.Calls()), len(c.cdn.Calls()), len(c.ecr.Calls()), len(c.public.Calls()), len(c.waf.Calls())}
			return c, func() []fault {
				return c.faults(c.store.Calls()[before[0]:], c.s3.Calls()[before[1]:], c.cdn.Calls()[before[2]:], c.ecr.Calls()[before[3]:], c.public.Calls()[before[4]:], c.waf.Calls()[before[5]:])
			}
		}
		var all []fault
		synctest.Test(t, func(t *testing.T) {
			c, faults := setUp(t)
			defer c.close()
			c.run("teardown", c.flow())
			all = faults()
		})
		for _, f := range all {
			t.Run(kind+" "+f.operation+" "+f.kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, _ := setUp(t)
					defer c.close()
					c.order(f)
					result, _ := c.run("teardown", c.flow())
					if result.Status != asl.StatusSucceeded {
						if record, _ := c.record(); f.kind != final || record.Phase != sandbox.PhaseFailed || record.Failure.Error != final {
							t.Errorf("%s: %s; the record is %s with %v", result.Error, result.Cause, record.Phase, record.Failure)
						}
						if result, _ = c.run("teardown", c.flow()); result.Status != asl.StatusSucceeded {
							t.Errorf("the second one: %s, %s", result.Error, result.Cause)
						}
					}
					if _, there := c.record(); there {
						t.Error("the record is there")
					}
					c.wantNothing()
				})
			})
		}
	}
}

// TestADeletionOvertakesAProvisionAtAnyMoment: the provision finds out by
// itself and undoes what it made.
func TestADeletionOvertakesAProvisionAtAnyMoment(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(specs)) {
		for _, after := range []time.Duration{500, 1500, 2500, 3500, 4500, 60_000} {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, specs[kind])
				defer c.close()
				timer := time.AfterFunc(after*time.Millisecond, func() {
					if s, err := c.store.Get(t.Context(), c.of.Name); err == nil && s.Phase == sandbox.PhaseProvisioning {
						c.update(sandbox.PhaseDeleting)
					}
				})
				result, _ := c.run("provision", c.flow())
				timer.Stop()
				record, there := c.record()
				if result.Status == asl.StatusSucceeded && record.Phase == sandbox.PhaseReady {
					return // it was ready before
				}
				if there || result.Error != "SandboxDeleting" {
					t.Errorf("%s after %s: %s, the record is there: %v (%s)", kind, after*time.Millisecond, result.Error, there, record.Phase)
				}
				c.wantNothing()
			})
		}
	}
}
