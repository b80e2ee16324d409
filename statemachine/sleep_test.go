package statemachine_test

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestASleepGoes(t *testing.T) {
	const spread = "Sleep Delivery DisableDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? "
	for _, tt := range []struct {
		name, input   string
		script        script
		path, failure string
	}{
		{"once the distribution is disabled everywhere", updateInput, nil, spread + "Record Asleep", ""},
		{"after two waits", updateInput, script{"AwaitDistribution": {`{"id":"E1","deployed":false,"waitSeconds":10}`, usual["awaitdistribution"]}},
			spread + "WaitForPropagation AwaitDistribution Deployed? Record Asleep", ""},
		{"at once where it is disabled already", updateInput, script{"DisableDistribution": {`{"id":"E1","deployed":true,"waitSeconds":0}`}}, "Sleep Delivery DisableDistribution Deployed? Record Asleep", ""},
		{"by closing the website", updateWebsiteInput, nil, "Sleep Delivery CloseWebsite Record Asleep", ""},
		{"by a word alone for a repository", updateAloneInput, nil, "Sleep Delivery Record Asleep", ""},
		{"nowhere when the distribution is another's", updateInput, script{"DisableDistribution": {"!NotOurs"}}, "Sleep Delivery DisableDistribution RecordFailure SleepFailed", "NotOurs"},
		{"nowhere when that does not spread", updateInput, script{"AwaitDistribution": {"!PropagationTimeout"}},
			"Sleep Delivery DisableDistribution Deployed? WaitForPropagation AwaitDistribution RecordFailure SleepFailed", "PropagationTimeout"},
		{"nowhere when the bucket can't be closed", updateWebsiteInput, script{"CloseWebsite": {"!AccessDenied"}}, "Sleep Delivery CloseWebsite RecordFailure SleepFailed", "AccessDenied"},
		{"nowhere when the sandbox is being deleted", updateInput, script{"Record": {"!SandboxDeleting"}}, spread + "Record RecordFailure SleepFailed", "SandboxDeleting"},
		{"nowhere, and can't say so", updateInput, script{"DisableDistribution": {"!NotOurs"}, "RecordFailure": {"!AccessDenied"}}, "Sleep Delivery DisableDistribution RecordFailure", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "sleep", tt.input, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestAWakingGoes(t *testing.T) {
	const spread = "Wake Delivery EnableDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? "
	for _, tt := range []struct {
		name, input   string
		script        script
		path, failure string
	}{
		{"once the distribution is enabled everywhere", updateInput, nil, spread + "Record Awake", ""},
		{"at once where it is enabled already", updateInput, script{"EnableDistribution": {`{"id":"E1","deployed":true,"waitSeconds":0}`}}, "Wake Delivery EnableDistribution Deployed? Record Awake", ""},
		{"by opening the website", updateWebsiteInput, nil, "Wake Delivery HostWebsite Record Awake", ""},
		{"by a word alone for a repository", updateAloneInput, nil, "Wake Delivery Record Awake", ""},
		{"nowhere when the distribution is gone", updateInput, script{"EnableDistribution": {"!NoSuchDistribution"}}, "Wake Delivery EnableDistribution RecordFailure WakeFailed", "NoSuchDistribution"},
		{"nowhere when that does not spread", updateInput, script{"AwaitDistribution": {"!PropagationTimeout"}},
			"Wake Delivery EnableDistribution Deployed? WaitForPropagation AwaitDistribution RecordFailure WakeFailed", "PropagationTimeout"},
		{"nowhere when the bucket can't be opened", updateWebsiteInput, script{"HostWebsite": {"!AccessDenied"}}, "Wake Delivery HostWebsite RecordFailure WakeFailed", "AccessDenied"},
		{"nowhere when the sandbox is being deleted", updateInput, script{"EnableDistribution": {"!SandboxDeleting"}}, "Wake Delivery EnableDistribution RecordFailure WakeFailed", "SandboxDeleting"},
		{"nowhere, and can't say so", updateInput, script{"EnableDistribution": {"!NotOurs"}, "RecordFailure": {"!AccessDenied"}}, "Wake Delivery EnableDistribution RecordFailure", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "wake", tt.input, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestTheEndsOfSleepAndWakingAreRecorded(t *testing.T) {
	for machine, want := range map[string][2]string{"sleep": {"asleep", "sleepFailed"}, "wake": {"awake", "wakeFailed"}} {
		first := map[string]string{"sleep": "DisableDistribution", "wake": "EnableDistribution"}[machine]
		if record := run(t, machine, updateInput, nil).input(t, "Record", 0); record["outcome"] != want[0] {
			t.Errorf("%s: recorded %v", machine, record["outcome"])
		}
		record := run(t, machine, updateInput, script{first: {"!NotOurs"}}).input(t, "RecordFailure", 0)
		if record["outcome"] != want[1] || record["flow"].(map[string]any)["error"].(map[string]any)["Error"] != "NotOurs" {
			t.Errorf("%s: recorded %v", machine, record)
		}
	}
}

// turn begins to put the sandbox to sleep, or to wake it, as the API does, and
// runs the machine.
func (c *cloud) turn(machine string) asl.Result {
	c.t.Helper()
	after, err := c.store.Update(c.t.Context(), c.of.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		if machine == "wake" {
			return s.BeginWake(arnOf(machine), time.Now())
		}
		return s.BeginSleep(arnOf(machine), "said the test", time.Now())
	})
	if err != nil {
		c.t.Fatal(err)
	}
	result, _ := c.run(machine, after.SleepFlow())
	return result
}

// serves reports whether readers get anything: from an enabled distribution, or
// from a bucket that lets everybody read.
func (c *cloud) serves() bool {
	c.t.Helper()
	record, _ := c.record()
	switch made := record.Made(); c.of.Spec.Delivery {
	case events.DeliveryWebsite:
		return !aws.ToBool(c.s3.Buckets[made.Bucket.Name].Access.RestrictPublicBuckets)
	case events.DeliveryCloudFront:
		return aws.ToBool(c.cdn.Distributions[made.Distribution.ID].Config.Enabled)
	}
	return true
}

// TestASandboxSleepsAndWakes keeps its content through it, and goes from its
// sleep as from anywhere else.
func TestASandboxSleepsAndWakes(t *testing.T) {
	for kind, spec := range specs {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, spec)
				defer c.close()
				c.run("provision", c.flow())
				before, _ := c.record()
				site := before.Spec.Delivery != events.DeliveryNone
				if site {
					c.s3.Fill(before.Made().Bucket.Name, "", 3)
				}
				for _, way := range []struct {
					machine string
					phase   sandbox.Phase
					serves  bool
				}{{"sleep", sandbox.PhaseSleeping, !site}, {"wake", sandbox.PhaseReady, true}, {"sleep", sandbox.PhaseSleeping, !site}} {
					if result := c.turn(way.machine); result.Status != asl.StatusSucceeded {
						t.Fatalf("%s: %s, %s", way.machine, result.Error, result.Cause)
					}
					after, _ := c.record()
					if after.Phase != way.phase || c.serves() != way.serves || after.AsleepSince.IsZero() != (way.machine == "wake") || !maps.Equal(after.Resources, before.Resources) {
						t.Errorf("after %s it is %s, serves %v, asleep since %s; %v", way.machine, after.Phase, c.serves(), after.AsleepSince, after.Resources)
					}
					if site && len(c.s3.Buckets[after.Made().Bucket.Name].Versions) != 3 {
						t.Errorf("after %s its content is not what it was", way.machine)
					}
				}
				c.update(sandbox.PhaseDeleting)
				if result, _ := c.run("teardown", c.flow()); result.Status != asl.StatusSucceeded {
					t.Fatalf("teardown: %s, %s", result.Error, result.Cause)
				}
				c.wantNothing()
			})
		})
	}
}

// TestAnyCallOfASleepOrAWakingMayFail: whichever call fails, once and for all,
// or loses its reply, the sandbox sleeps afterwards or is awake, says so, and
// asked again it gets where it should.
func TestAnyCallOfASleepOrAWakingMayFail(t *testing.T) {
	tried := 0
	for _, kind := range []string{"identity", "website", "repository alone"} {
		for _, machine := range []string{"sleep", "wake"} {
			var calls []fault
			outcomeOf(t, kind, machine, fault{}, &calls)
			for _, f := range calls {
				t.Run(kind+" "+machine+" "+f.operation+" "+f.kind, func(t *testing.T) { outcomeOf(t, kind, machine, f, nil) })
				tried++
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d faults were tried", tried)
	}
}

// outcomeOf runs a machine with a fault in one of its calls, or with none, and
// then tells which calls it made.
func outcomeOf(t *testing.T, kind, machine string, f fault, calls *[]fault) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, specs[kind])
		defer c.close()
		c.run("provision", c.flow())
		want := map[string]sandbox.Phase{"sleep": sandbox.PhaseSleeping, "wake": sandbox.PhaseReady}[machine]
		if machine == "wake" {
			c.turn("sleep")
		}
		after, err := c.store.Update(t.Context(), c.of.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			if machine == "wake" {
				return s.BeginWake(arnOf(machine), time.Now())
			}
			return s.BeginSleep(arnOf(machine), "said the test", time.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		parts := []*steptest.Faults{&c.s3.Faults, &c.cdn.Faults, &c.store.Faults}
		var before []int
		for _, part := range parts {
			before = append(before, len(part.Calls()))
		}
		if calls == nil {
			c.order(f)
		}
		result, _ := c.run(machine, after.SleepFlow())
		if calls != nil {
			for i, part := range parts {
				*calls = append(*calls, c.faults(part.Calls()[before[i]:])...)
			}
		}
		record, _ := c.record()
		failed := result.Status != asl.StatusSucceeded
		if failed && (record.Phase != sandbox.PhaseSleeping || record.Failure == nil) || !failed && record.Phase != want {
			t.Fatalf("%s, %s: it is %s, %v", result.Status, result.Error, record.Phase, record.Failure)
		}
		if !failed {
			return
		}
		if result := c.turn(machine); result.Status != asl.StatusSucceeded {
			t.Fatalf("asked again: %s, %s", result.Error, result.Cause)
		}
		if record, _ = c.record(); record.Phase != want || record.Failure != nil {
			t.Errorf("asked again it is %s, %v", record.Phase, record.Failure)
		}
	})
}
