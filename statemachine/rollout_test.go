package statemachine_test

import "testing"

func rolloutInput(target string) string {
	return `{"sandbox":{"id":"abcdefgh23","name":"docs"},"release":{"id":"r-1","source":{"kind":"image"},"rollout":{"target":"` + target + `","` + target + `":{"cluster":"c"}}}}`
}

// rollbackInput is of a rollback, which brings a version back.
const rollbackInput = `{"sandbox":{"id":"abcdefgh23","name":"docs"},"release":{"id":"r-2","source":{"kind":"rollback","releaseId":"r-1"},"rollout":{"target":"lambda","lambda":{"function":"f","version":"1"}}}}`

func TestARolloutGoes(t *testing.T) {
	const (
		begin   = "Rollout Target "
		failed  = " RecordFailure RolloutFailed"
		live    = "Finish ProtectImage Live"
		ecs     = begin + "RegisterTaskDefinition UpdateService AwaitService "
		code    = begin + "Published? UpdateFunctionCode AwaitFunction FunctionSettled? "
		version = "PublishVersion AwaitVersion VersionSettled? "
		waits   = `{"settled":false,"seconds":5}`
		undone  = " UndoRollout NotRolledOut" + failed
	)
	for _, tt := range []struct {
		name, input string
		script      script
		path        string
		failure     string
	}{
		{"live on ECS", rolloutInput("ecs"), nil, ecs + "ServiceSettled? " + live, ""},
		{"live on ECS after a while", rolloutInput("ecs"), script{"AwaitService": {waits, waits, usual["awaitservice"]}},
			ecs + "ServiceSettled? WaitForService AwaitService ServiceSettled? WaitForService AwaitService ServiceSettled? " + live, ""},
		{"nowhere without a container", rolloutInput("ecs"), script{"RegisterTaskDefinition": {"!TargetRefused"}}, begin + "RegisterTaskDefinition" + failed, "TargetRefused"},
		{"nowhere without a cluster", rolloutInput("ecs"), script{"RegisterTaskDefinition": {"!ClusterNotFoundException"}}, begin + "RegisterTaskDefinition" + failed, "ClusterNotFoundException"},
		{"nowhere when the service drains", rolloutInput("ecs"), script{"UpdateService": {"!ServiceNotActiveException"}}, begin + "RegisterTaskDefinition UpdateService" + undone, "ServiceNotActiveException"},
		{"back on ECS", rolloutInput("ecs"), script{"AwaitService": {waits, "!RolloutFailed"}}, ecs + "ServiceSettled? WaitForService AwaitService" + undone, "RolloutFailed"},

		{"nowhere on ECS when nobody may look", rolloutInput("ecs"), script{"AwaitService": {"!AccessDenied"}}, ecs[:len(ecs)-1] + undone, "AccessDenied"},
		{"nowhere on ECS, and not undone", rolloutInput("ecs"), script{"AwaitService": {"!AccessDenied"}, "UndoRollout": {"!AccessDenied"}}, ecs[:len(ecs)-1] + undone, "AccessDenied"},

		{"live on Lambda", rolloutInput("lambda"), nil, code + version + "MoveAlias " + live, ""},
		{"live on Lambda after a while", rolloutInput("lambda"), script{"AwaitFunction": {waits, usual["awaitfunction"]}, "AwaitVersion": {waits, usual["awaitfunction"]}},
			code + "WaitForFunction AwaitFunction FunctionSettled? " + version + "WaitForVersion AwaitVersion VersionSettled? MoveAlias " + live, ""},
		{"live on Lambda after another update", rolloutInput("lambda"), script{
			"UpdateFunctionCode": {"!ResourceConflictException", usual["updatefunctioncode"]},
			"PublishVersion":     {"!ResourceConflictException", usual["publishversion"]},
			"MoveAlias":          {"!PreconditionFailedException", "!ResourceConflictException", usual["movealias"]},
		}, code + version + "MoveAlias " + live, ""},
		{"back on Lambda, without new code", rollbackInput, nil, begin + "Published? AwaitVersion VersionSettled? MoveAlias " + live, ""},
		{"nowhere when a version is gone", rollbackInput, script{"AwaitVersion": {"!TargetRefused"}}, begin + "Published? AwaitVersion" + failed, "TargetRefused"},
		{"nowhere with an archive's function", rolloutInput("lambda"), script{"UpdateFunctionCode": {"!TargetRefused"}}, begin + "Published? UpdateFunctionCode" + failed, "TargetRefused"},
		{"nowhere when Lambda does not take it", rolloutInput("lambda"), script{"AwaitFunction": {waits, "!RolloutFailed"}},
			code + "WaitForFunction AwaitFunction" + failed, "RolloutFailed"},
		{"nowhere when somebody changes the code", rolloutInput("lambda"), script{"PublishVersion": {"!InvalidParameterValueException"}}, code + "PublishVersion" + failed, "InvalidParameterValueException"},
		{"nowhere when the alias can't move", rolloutInput("lambda"), script{"MoveAlias": {"!AccessDeniedException"}}, code + version + "MoveAlias" + failed, "AccessDeniedException"},

		{"live, written late", rolloutInput("ecs"), script{"Finish": {"!AccessDenied", "!AccessDenied", "!Throttling", usual["finishrollout"]}}, ecs + "ServiceSettled? " + live, ""},
		{"live, which is never written and never recorded as failed", rolloutInput("ecs"), script{"Finish": {"!AccessDenied"}},
			ecs + "ServiceSettled? Finish EndNotWritten RolloutFailed", "EndNotWritten"},
		{"live, but its image is not protected", rolloutInput("ecs"), script{"ProtectImage": {"!AccessDenied"}}, ecs + "ServiceSettled? Finish ProtectImage" + failed, "AccessDenied"},
		{"nowhere for a target of another version", rolloutInput("moon"), nil, begin + "NoSuchTarget" + failed, "NoSuchTarget"},
		{"nowhere, and can't say so", rolloutInput("moon"), script{"RecordFailure": {"!AccessDenied"}}, begin + "NoSuchTarget RecordFailure", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "rollout", tt.input, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestEachStepOfARolloutSeesWhatWasMade(t *testing.T) {
	o := run(t, "rollout", rolloutInput("ecs"), nil)
	made := func(state, target string) map[string]any {
		return o.input(t, state, 0)["release"].(map[string]any)["rollout"].(map[string]any)[target].(map[string]any)
	}
	if got := made("AwaitService", "ecs"); got["taskDefinition"] != "arn:2" || got["deployment"] != "ecs-svc/1" {
		t.Errorf("AwaitService saw %v", got)
	}
	o = run(t, "rollout", rolloutInput("lambda"), nil)
	if got := made("MoveAlias", "lambda"); got["version"] != "2" || got["codeSha256"] != "c" {
		t.Errorf("MoveAlias saw %v", got)
	}
	if finish := o.input(t, "Finish", 0); finish["live"] != true || finish["flow"] == nil {
		t.Errorf("Finish saw %v", finish)
	}
	o = run(t, "rollout", rolloutInput("ecs"), script{"UpdateService": {"!AccessDenied"}})
	if failure := o.input(t, "RecordFailure", 0); failure["live"] != false || failure["flow"].(map[string]any)["error"].(map[string]any)["Error"] != "AccessDenied" {
		t.Errorf("the failure is recorded with %v", failure)
	}
}
