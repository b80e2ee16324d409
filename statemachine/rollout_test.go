package statemachine_test

import "testing"

func rolloutInput(target string) string {
	return `{"sandbox":{"id":"abcdefgh23","name":"docs"},"release":{"id":"r-1","source":{"kind":"image"},"rollout":{"target":"` + target + `"}}}`
}

func TestARolloutGoes(t *testing.T) {
	for _, tt := range []struct {
		name, target string
		script       script
		path         string
		failure      string
	}{
		{"nowhere for a target of another version", "moon", nil, "Rollout Target NoSuchTarget RecordFailure RolloutFailed", "NoSuchTarget"},
		{"nowhere, and can't say so", "moon", script{"RecordFailure": {"!AccessDenied"}}, "Rollout Target NoSuchTarget RecordFailure", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, "rollout", rolloutInput(tt.target), tt.script).wantPath(t, tt.path, tt.failure)
		})
	}
}
