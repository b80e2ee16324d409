package statemachine_test

import (
	"strings"
	"testing"
	"time"
)

func TestARolloutToEKSGoes(t *testing.T) {
	const (
		patched = "Rollout Target PatchDeployment AwaitRollout "
		looked  = patched + "RolledOut? "
		live    = "Finish ProtectImage Live"
		undone  = " UndoRollout NotRolledOut RecordFailure RolloutFailed"
		busy    = `{"settled":false,"seconds":2}`
		waited  = "WaitForRollout AwaitRollout RolledOut? "
	)
	for _, tt := range []struct {
		name    string
		script  script
		path    string
		failure string
	}{
		{"live at once", nil, looked + live, ""},
		{"live after a while", script{"AwaitRollout": {busy, busy, usual["awaitrollout"]}}, looked + waited + waited + live, ""},
		{"live though others change it", script{"PatchDeployment": {"!Conflict", "!Conflict", usual["patchdeployment"]}}, looked + live, ""},
		{"nowhere when it is forbidden", script{"PatchDeployment": {"!ClusterForbidden"}}, "Rollout Target PatchDeployment" + undone, "ClusterForbidden"},
		{"nowhere when it is paused", script{"PatchDeployment": {"!DeploymentPaused"}}, "Rollout Target PatchDeployment" + undone, "DeploymentPaused"},
		{"back when it misses its deadline", script{"AwaitRollout": {busy, "!RolloutFailed"}}, looked + "WaitForRollout AwaitRollout" + undone, "RolloutFailed"},
		{"back when the sandbox is deleted", script{"AwaitRollout": {"!SandboxDeleting"}}, strings.TrimSpace(patched) + undone, "SandboxDeleting"},
		{"nowhere, and can't be undone", script{"AwaitRollout": {"!RolloutFailed"}, "UndoRollout": {"!ClusterForbidden"}}, strings.TrimSpace(patched) + undone, "RolloutFailed"},
		{"live, and can't be protected", script{"ProtectImage": {"!AccessDeniedException"}}, looked + "Finish ProtectImage RecordFailure RolloutFailed", "AccessDeniedException"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "rollout", rolloutInput("eks"), tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestWhatTheStepsOfARolloutToEKSSee(t *testing.T) {
	o := run(t, "rollout", rolloutInput("eks"), script{"AwaitRollout": {`{"settled":false,"seconds":2,"looks":1,"seen":"1 of 3"}`, usual["awaitrollout"]}})
	made := func(flow map[string]any) map[string]any {
		return flow["release"].(map[string]any)["rollout"].(map[string]any)["eks"].(map[string]any)
	}
	if got := made(o.input(t, "AwaitRollout", 0)); got["before"] != "docs@sha256:0" {
		t.Errorf("AwaitRollout saw %v", got)
	}
	if got := o.input(t, "AwaitRollout", 1)["awaited"].(map[string]any); got["seen"] != "1 of 3" || o.took < 2*time.Second {
		t.Errorf("looked again with %v, after %v in all", got, o.took)
	}
	if got := o.input(t, "Finish", 0); got["live"] != true || made(got["flow"].(map[string]any))["generation"] == nil {
		t.Errorf("Finish saw %v", got)
	}
	o = run(t, "rollout", rolloutInput("eks"), script{"AwaitRollout": {"!RolloutFailed"}, "UndoRollout": {"!ClusterForbidden"}})
	if got := made(o.input(t, "UndoRollout", 0)); got["image"] != "docs@sha256:1" {
		t.Errorf("UndoRollout saw %v", got)
	}
	failure := o.input(t, "RecordFailure", 0)
	if flow := failure["flow"].(map[string]any); failure["live"] != false || flow["error"].(map[string]any)["Error"] != "RolloutFailed" {
		t.Errorf("the failure is recorded with %v", failure)
	}
}
