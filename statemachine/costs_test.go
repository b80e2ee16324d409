package statemachine_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/mayfly-dev/mayfly/cost"
)

var update = flag.Bool("update", false, "write cost/flows.json: what the machines take")

// TestWhatAFlowCostsIsCounted runs each machine as it usually goes, and holds
// that estimates of cost go by what it takes.
func TestWhatAFlowCostsIsCounted(t *testing.T) {
	const looks, file = `{"id":"E1","deployed":false,"waitSeconds":10}`, "../cost/flows.json"
	// CloudFront takes a long wait and a short one: see TestAProvisionCostsAtMost18Transitions.
	spreads := script{"AwaitDistribution": {looks, usual["awaitdistribution"]}}
	// Those that the stack gives 512 MB.
	large := []string{"EmptyBucket", "EmptyLateWrites", "InspectContent", "WriteAssets", "WritePages", "RemoveObjects"}
	counted := make(map[string]cost.Counted)
	for machine, input := range map[string]string{
		"provision": provisionInput, "update": updateInput, "release": releaseInput, "rollout": rolloutInput("ecs"),
		"teardown": teardownInput, "deploy": pushEvent, "sleep": updateInput, "wake": updateInput,
	} {
		o := run(t, machine, input, spreads)
		o.wantGood(t, machine)
		c := cost.Counted{Transitions: uint64(o.transitions)}
		for state, n := range o.tries {
			switch {
			case machine == "deploy" && state == "ReleaseToSite": // a machine, which is counted by itself
			case slices.Contains(large, state):
				c.LargeCalls += uint64(n)
			default:
				c.Calls += uint64(n)
			}
		}
		counted[machine] = c
	}
	text, err := json.MarshalIndent(counted, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
	}
	if there, err := os.ReadFile(file); err != nil || !bytes.Equal(there, text) {
		t.Errorf("%s is not what the machines take (%v): make golden writes it\n%s", file, err, text)
	}
}

// TestCostsAreEstimatedToTheEnd a page after another, each of which knows the one
// before.
func TestCostsAreEstimatedToTheEnd(t *testing.T) {
	run(t, "costs", `{}`, nil).wantPath(t, "EstimateCosts AllEstimated? Estimated", "")
	o := run(t, "costs", `{}`, script{"EstimateCosts": {`{"metered":100,"after":"there:x","done":false}`, usual["estimatecosts"]}})
	o.wantPath(t, "EstimateCosts AllEstimated? EstimateCosts AllEstimated? Estimated", "")
	if page, _ := o.input(t, "EstimateCosts", 1)["costs"].(map[string]any); page["after"] != "there:x" {
		t.Errorf("the second page is asked for with %v", page)
	}
	run(t, "costs", `{}`, script{"EstimateCosts": {"!AccessDenied"}}).wantPath(t, "EstimateCosts", "AccessDenied")
}

func (o outcome) wantGood(t *testing.T, machine string) {
	t.Helper()
	if o.result.Error != "" {
		t.Errorf("%s ended with %s: %s", machine, o.result.Error, o.result.Cause)
	}
}
