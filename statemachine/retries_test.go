package statemachine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// scenario is a way through a machine.
type scenario struct {
	input  string
	script script
}

// scenarios go, together, through every task of each machine.
var scenarios = map[string][]scenario{
	"provision": {
		{provisionInput, nil}, {websiteInput, nil}, {aloneInput, nil}, {wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}}},
		{provisionInput, script{"CreateDistribution": {"!TooManyDistributions"}}},
		{provisionInput, script{"CreateDistribution": {"!TooManyDistributions"}, "Undo": {"!States.TaskFailed"}}},
	},
	"update": {
		{updateInput, nil}, {updateBothInput, nil}, {updateWebsiteInput, nil}, {updateInput, script{"UpdateDistribution": {"!InvalidArgument"}}},
		{updateOnInput, script{"UpdateDistribution": {"!InvalidWebACLId"}}}, {updateOffInput, nil}},
	"sleep":     {{updateInput, nil}, {updateWebsiteInput, nil}, {updateInput, script{"DisableDistribution": {"!NotOurs"}}}},
	"wake":      {{updateInput, nil}, {updateWebsiteInput, nil}, {updateInput, script{"EnableDistribution": {"!NotOurs"}}}},
	"teardown":  {{teardownInput, nil}, {teardownInput, script{"BeginTeardown": {"!AccessDenied"}}}},
	"deploy":    {{pushEvent, nil}, {pushEvent, script{"ResolveDeploy": {"!AccessDenied"}}}, {pushEvent, script{"ResolveDeploy": {`{"verdict":"deploy","target":"ecs"}`}}}, {pushEvent, script{"BeginDeploy": {asleep, usual["begindeploy"]}}}},
	"reconcile": {{`{}`, nil}},
	"costs":     {{`{}`, nil}},
	"orphans":   {{orphansInput, nil}, {orphansInput, script{"FindOrphans": {oneOrphan, usual["findorphans"]}}}},
	"nightly":   {{`{}`, nil}, {`{}`, script{"SettleNight": {"!States.TaskFailed"}}}},
	"release":   {{releaseInput, nil}, {releaseInput, script{"InspectContent": {"!BadArchive"}}}},
	"rollout":   {{rolloutInput("moon"), nil}, {rolloutInput("ecs"), nil}, {rolloutInput("lambda"), nil}, {rolloutInput("eks"), nil}, {rolloutInput("eks"), script{"AwaitRollout": {"!RolloutFailed"}}}},
}

// through returns the first scenario of a machine that goes through a state,
// and how it goes.
func through(t *testing.T, base map[string][]outcome, machine, state string) (scenario, outcome) {
	t.Helper()
	for i, o := range base[machine] {
		if slices.Contains(o.path, state) || o.tries[state] > 0 {
			return scenarios[machine][i], o
		}
	}
	t.Fatalf("no scenario of %s goes through %s", machine, state)
	return scenario{}, outcome{}
}

// with returns s with answers given first, or for ever, in a state.
func (s script) with(state, usualAnswer string, forever bool, first string) script {
	changed := maps.Clone(s)
	if changed == nil {
		changed = script{}
	}
	after := s[state]
	if len(after) == 0 {
		after = []string{usualAnswer}
	}
	changed[state] = append([]string{first}, after...)
	if forever {
		changed[state] = []string{first}
	}
	return changed
}

// TestEveryRetryIsTakenAndEnds makes each task of each machine fail by every
// name that its state retries: once, which changes nothing of the path, and for
// ever, which ends after MaxAttempts more tries with that very error.
func TestEveryRetryIsTakenAndEnds(t *testing.T) {
	base := map[string][]outcome{}
	for machine, ways := range scenarios {
		for _, way := range ways {
			base[machine] = append(base[machine], run(t, machine, way.input, way.script))
		}
	}
	for _, definition := range definitions(t) {
		for _, state := range flatten(t, definition) {
			if state.Type != "Task" {
				continue
			}
			way, well := through(t, base, definition.Name, state.name)
			// A distributed map's states are in executions of their own, whose
			// transitions are theirs, and whose failures it tolerates.
			more := 1
			if !slices.Contains(well.path, state.name) {
				more = 0
			}
			answer := usual[functionOf(strings.NewReplacer("${", functionPrefix, "}", "").Replace(state.Resource))]
			for _, retry := range state.Retry {
				for i, name := range retry.ErrorEquals {
					t.Run(definition.Name+" "+state.name+" "+name, func(t *testing.T) {
						once := run(t, definition.Name, way.input, way.script.with(state.name, answer, false, "!"+name))
						once.wantPath(t, strings.Join(well.path, " "), well.result.Error)
						if once.tries[state.name] != well.tries[state.name]+1 || once.transitions != well.transitions+more {
							t.Errorf("%d tries and %d transitions, want one more than %d, and %d more than %d", once.tries[state.name], once.transitions, well.tries[state.name], more, well.transitions)
						}
						if i > 0 {
							return // the limit is the rule's, not the name's
						}
						ever := run(t, definition.Name, way.input, way.script.with(state.name, answer, true, "!"+name))
						want, next := *retry.MaxAttempts+1, state.catchesAll()
						if more == 0 {
							name = well.result.Error
						}
						if caught := next != "" && slices.Contains(ever.path, next); ever.tries[state.name] != want || !caught && ever.result.Error != name {
							t.Errorf("ended with %s after %d tries, want %s after %d", ever.result.Error, ever.tries[state.name], name, want)
						}
					})
				}
			}
		}
	}
}

// TestATaskThatHangsIsTriedAgainAfterItsTimeLimit is the one name that Step
// Functions raises by itself.
func TestATaskThatHangsIsTriedAgainAfterItsTimeLimit(t *testing.T) {
	o := run(t, "teardown", teardownInput, script{"BeginTeardown": {hang, usual["beginteardown"]}})
	if o.path[len(o.path)-1] != "Gone" || o.tries["BeginTeardown"] != 2 || o.took < 60*time.Second+165*time.Second {
		t.Errorf("went %v in %v after %d tries", o.path, o.took, o.tries["BeginTeardown"])
	}
}

// TestARemovalBeginsAgain: the names that no task retries, but a whole branch.
func TestARemovalBeginsAgain(t *testing.T) {
	for _, name := range []string{"DistributionNotDisabled", "PreconditionFailed", "InvalidIfMatchVersion"} {
		for _, state := range []string{"DisableDistribution", "DeleteDistribution"} {
			o := run(t, "teardown", teardownInput, script(nil).with(state, usual[map[string]string{"DisableDistribution": "disabledistribution", "DeleteDistribution": "deletedistribution"}[state]], false, "!"+name))
			if o.path[len(o.path)-1] != "Gone" || o.tries["DisableDistribution"] != 2 {
				t.Errorf("%s of %s: went %v", name, state, o.path)
			}
		}
	}
}
