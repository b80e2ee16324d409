package statemachine_test

import "testing"

const (
	orphansInput = `{"fix":true,"by":"ada"}`
	oneOrphan    = `{"teardowns":[{"sandbox":{"id":"c"},"made":{},"orphan":true}],"tried":["a","b","c"]}`
)

func TestOrphansAreLookedFor(t *testing.T) {
	const (
		look  = "FindOrphans AnyToTearDown? "
		fixed = "DeleteWebACL Compared"
		two   = `{"teardowns":[{"sandbox":{"id":"a"},"made":{},"orphan":true},{"sandbox":{"id":"b"},"made":{},"orphan":true}],"tried":["a","b"]}`
		none  = `{"teardowns":[],"tried":["a","b","c"]}`
	)
	for _, tt := range []struct {
		name    string
		script  script
		path    string
		failure string
	}{
		{"and none is torn down", nil, "Begin " + look + fixed, ""},
		{"and torn down until there is none", script{"FindOrphans": {two, oneOrphan, none}},
			"Begin " + look + "TearDown TearDownOrphan TearDownOrphan " + look + "TearDown TearDownOrphan " + look + fixed, ""},
		{"again when the account throttles", script{"FindOrphans": {"!Throttling", none}}, "Begin " + look + fixed, ""},
		{"and one that fails does not keep the others", script{"FindOrphans": {two, none}, "TearDownOrphan": {"!States.TaskFailed", usual[machine]}},
			"Begin " + look + "TearDown TearDownOrphan TearDownOrphan NotTornDown " + look + fixed, ""},
		{"and a teardown is started again", script{"FindOrphans": {oneOrphan, none}, "TearDownOrphan": {"!StepFunctions.ExecutionLimitExceededException", usual[machine]}},
			"Begin " + look + "TearDown TearDownOrphan " + look + fixed, ""},
		{"and a web ACL that can't be deleted waits for the next run", script{"DeleteWebACL": {"!AccessDeniedException"}}, "Begin " + look + fixed, ""},
		{"and none is found when the records can't be read", script{"FindOrphans": {"!AccessDeniedException"}}, "Begin FindOrphans", "AccessDeniedException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, "orphans", orphansInput, tt.script).wantPath(t, tt.path, tt.failure)
		})
	}
	run(t, "orphans", `{"fix":false,"by":"ada"}`, nil).wantPath(t, "Begin "+look+"Compared", "")
	o := run(t, "orphans", orphansInput, script{"FindOrphans": {two, none}})
	first, second := o.input(t, "FindOrphans", 0), o.input(t, "FindOrphans", 1)
	if first["fix"] != true || first["by"] != "ada" || first["run"] == "" || len(first["tried"].([]any)) != 0 || len(second["tried"].([]any)) != 2 {
		t.Errorf("asked with %v, then with %v", first, second)
	}
	start := o.input(t, "TearDownOrphan", 0)
	if flow := start["Input"].(map[string]any); start["StateMachineArn"] != arnOf("teardown") || flow["orphan"] != true || flow["sandbox"].(map[string]any)["id"] != "a" {
		t.Errorf("a teardown is started with %v", start)
	}
}
