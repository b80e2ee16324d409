package statemachine_test

import (
	"testing"
)

func TestANightGoes(t *testing.T) {
	const (
		more   = `{"starts":[],"after":"x","done":false}`
		open   = `{"done":false,"waitSeconds":20}`
		begins = "BeginNight Begun? "
		page   = "DecideNight StartAll More? "
		ends   = "SettleNight Settled? FindOrphans EndNight NightIsOver"
	)
	for _, tt := range []struct {
		name          string
		script        script
		path, failure string
	}{
		{"through a page of sandboxes", nil, begins + page + ends, ""},
		{"through all pages, to the end", script{"DecideNight": {more, more, usual["decidenight"]}}, begins + page + page + page + ends, ""},
		{"nowhere while another one is under way", script{"BeginNight": {`{"night":"other","begun":false}`}}, begins + "AnotherNight", ""},
		{"on until what it started has ended", script{"SettleNight": {open, open, usual["settlenight"]}},
			begins + page + "SettleNight Settled? WaitForOthers SettleNight Settled? WaitForOthers " + ends, ""},
		{"on when what it starts can't be started", script{"StartSleep": {"!StepFunctions.StateMachineDoesNotExistException"}, "StartTeardown": {"!StepFunctions.ExecutionAlreadyExistsException"}},
			begins + page + ends, ""},
		{"to its end when orphans can't be looked for", script{"FindOrphans": {"!States.TaskFailed"}}, begins + page + ends, ""},
		{"nowhere when it can't be claimed", script{"BeginNight": {"!AccessDenied"}}, "BeginNight", "AccessDenied"},
		{"to a broken end when nothing can be decided", script{"DecideNight": {"!AccessDenied"}}, begins + "DecideNight EndBroken NightBroken", "NightBroken"},
		{"to a broken end when nothing can be settled", script{"SettleNight": {"!AccessDenied"}}, begins + page + "SettleNight EndBroken NightBroken", "NightBroken"},
		{"to a broken end when it can't be ended", script{"EndNight": {"!AccessDenied"}}, begins + page + "SettleNight Settled? FindOrphans EndNight EndBroken NightBroken", "NightBroken"},
		{"to a broken end that can't be written", script{"DecideNight": {"!AccessDenied"}, "EndBroken": {"!AccessDenied"}}, begins + "DecideNight EndBroken", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "nightly", `{}`, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

// TestEachStartHasItsTurn: in an execution of its own, by the name that was
// written down, and one that fails does not keep the others.
func TestEachStartHasItsTurn(t *testing.T) {
	o := run(t, "nightly", `{}`, script{"StartSleep": {"!StepFunctions.ExecutionLimitExceededException"}})
	if o.tries["StartSleep"] != 7 || o.tries["StartTeardown"] != 1 || o.tries["SettleNight"] != 1 {
		t.Errorf("tried %v", o.tries)
	}
	start := o.input(t, "StartTeardown", 0)
	if start["Name"] != "teardown-1" || start["StateMachineArn"] != arnOf("teardown") {
		t.Errorf("started %v", start)
	}
	if begin := o.input(t, "BeginNight", 0); begin["execution"] == "" || begin["input"] == nil {
		t.Errorf("began with %v", begin)
	}
}

func TestANightLooksForOrphansAtItsEnd(t *testing.T) {
	o := run(t, "nightly", `{}`, nil)
	start := o.input(t, "FindOrphans", 0)
	if input := start["Input"].(map[string]any); start["StateMachineArn"] != arnOf("orphans") || input["fix"] != true || input["by"] != "schedule" {
		t.Errorf("looked for with %v", start)
	}
	end := o.input(t, "EndNight", 0)
	if found := end["orphans"].(map[string]any); found["orphans"] != 2.0 || found["proven"] != 1.0 {
		t.Errorf("ended with %v", end)
	}
	o = run(t, "nightly", `{}`, script{"FindOrphans": {"!States.TaskFailed"}})
	if end := o.input(t, "EndNight", 0); end["notLooked"] == nil || end["orphans"] != nil {
		t.Errorf("ended with %v", end)
	}
}
