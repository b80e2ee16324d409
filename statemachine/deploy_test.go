package statemachine_test

import (
	"strings"
	"testing"
	"time"
)

const pushEvent = `{"version":"0","id":"e1","detail-type":"ECR Image Action","source":"aws.ecr","account":"000000000000","time":"2026-03-01T12:00:00Z","region":"us-east-1","resources":[],` +
	`"detail":{"result":"SUCCESS","repository-name":"docs","image-digest":"sha256:1","action-type":"PUSH","image-tag":"v1"}}`

// asleep is step begindeploy's answer for a sandbox that sleeps.
const asleep = `{"verdict":"asleep","wake":{"name":"wake-abcdefgh23-1","flow":{"sandbox":{"id":"abcdefgh23","name":"docs"}}}}`

func TestADeployGoes(t *testing.T) {
	const (
		resolved = "Deploy ResolveDeploy Resolved? "
		verified = resolved + "VerifyImage Verified? "
		begun    = verified + "BeginDeploy Begun? "
		failed   = " RecordFailure DeployFailed"
	)
	verdict := func(state, verdict string) script {
		return script{state: {`{"verdict":"` + verdict + `","reason":"said the test"}`}}
	}
	to := func(target string) script {
		return script{"ResolveDeploy": {`{"verdict":"deploy","target":"` + target + `"}`}}
	}
	for _, tt := range []struct {
		name    string
		script  script
		path    string
		failure string
	}{
		{"to the site", nil, begun + "Target ReleaseToSite Released Settled", ""},
		{"to the site after another", script{"BeginDeploy": {"!ReleaseUnderway", "!ReleaseUnderway", "!WrongPhase", usual["begindeploy"]}},
			begun + "Target ReleaseToSite Released Settled", ""},
		{"to the site once it is awake", script{"BeginDeploy": {asleep, usual["begindeploy"]}}, begun + "Wake BeginDeploy Begun? Target ReleaseToSite Released Settled", ""},
		{"to the site once another has woken it", script{"BeginDeploy": {asleep, "!WrongPhase", usual["begindeploy"]}, "Wake": {"!StepFunctions.ExecutionAlreadyExistsException"}},
			begun + "Wake BeginDeploy Begun? Target ReleaseToSite Released Settled", ""},
		{"nowhere when it can't be woken", script{"BeginDeploy": {asleep}, "Wake": {"!States.TaskFailed"}}, begun + "Wake" + failed, "States.TaskFailed"},
		{"to ECS", to("ecs"), begun + "Target RollOut Released Settled", ""},
		{"to EKS", to("eks"), begun + "Target RollOut Released Settled", ""},
		{"to Lambda", to("lambda"), begun + "Target RollOut Released Settled", ""},
		{"to ECS elsewhere", script{"ResolveDeploy": to("ecs")["ResolveDeploy"], "RollOut": {"!StepFunctions.ExecutionAlreadyExistsException"}},
			begun + "Target RollOut ReleasedElsewhere Settled", ""},
		{"nowhere when the rollout fails", script{"ResolveDeploy": to("ecs")["ResolveDeploy"], "RollOut": {"!States.TaskFailed"}},
			begun + "Target RollOut" + failed, "States.TaskFailed"},
		{"on elsewhere", script{"ReleaseToSite": {"!StepFunctions.ExecutionAlreadyExistsException"}}, begun + "Target ReleaseToSite ReleasedElsewhere Settled", ""},

		{"nowhere for an unknown repository", verdict("ResolveDeploy", "unknownRepository"), resolved + "UnknownRepository Settled", ""},
		{"nowhere for a DELETE", verdict("ResolveDeploy", "notAPush"), resolved + "NotAPush Settled", ""},
		{"nowhere for a push that failed", verdict("ResolveDeploy", "pushFailed"), resolved + "PushFailed Settled", ""},
		{"nowhere for a tag without a rule", verdict("ResolveDeploy", "ignored"), resolved + "Ignored Settled", ""},
		{"nowhere for a forged digest", verdict("VerifyImage", "noSuchImage"), verified + "NoSuchImage Settled", ""},
		{"nowhere for a tag that moved on", verdict("VerifyImage", "tagMoved"), verified + "TagMoved Settled", ""},
		{"nowhere for what is live", verdict("BeginDeploy", "live"), begun + "LiveAlready Settled", ""},
		{"nowhere for what is older", verdict("BeginDeploy", "superseded"), begun + "Superseded Settled", ""},
		{"nowhere for what was deployed", verdict("BeginDeploy", "deployed"), begun + "DeployedAlready Settled", ""},
		{"nowhere for a sandbox that goes", verdict("BeginDeploy", "deleting"), begun + "SandboxGoes Settled", ""},

		{"nowhere when the event can't be resolved", script{"ResolveDeploy": {"!AccessDenied"}}, "Deploy ResolveDeploy" + failed, "AccessDenied"},
		{"nowhere when the repository can't be asked", script{"VerifyImage": {"!AccessDeniedException"}}, resolved + "VerifyImage" + failed, "AccessDeniedException"},
		{"nowhere when the lock can't be had", script{"BeginDeploy": {"!ReleaseUnderway"}}, verified + "BeginDeploy" + failed, "ReleaseUnderway"},
		{"nowhere for a target of another version", script{"ResolveDeploy": {`{"verdict":"deploy","target":"moon"}`}}, begun + "Target NoSuchTarget" + failed, "NoSuchTarget"},
		{"nowhere when the release fails", script{"ReleaseToSite": {"!States.TaskFailed"}}, begun + "Target ReleaseToSite" + failed, "States.TaskFailed"},
		{"nowhere, and can't say so", script{"ResolveDeploy": {"!AccessDenied"}, "RecordFailure": {"!AccessDenied"}}, "Deploy ResolveDeploy RecordFailure", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "deploy", pushEvent, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestEachStepOfADeploySeesTheEventAndWhatWasFoundOut(t *testing.T) {
	o := run(t, "deploy", pushEvent, nil)
	if got := o.input(t, "VerifyImage", 0); got["id"] != "e1" || got["resolved"].(map[string]any)["target"] != "site" {
		t.Errorf("VerifyImage saw %v", got)
	}
	begin := o.input(t, "BeginDeploy", 0)
	execution, _ := begin["execution"].(string)
	if flow := begin["flow"].(map[string]any); !strings.HasSuffix(execution, ":execution:mayfly-deploy:test") || flow["verified"] == nil || flow["detail"] == nil {
		t.Errorf("BeginDeploy saw %v", begin)
	}
	release := o.input(t, "ReleaseToSite", 0)
	if release["Name"] != "release-r-1" || release["StateMachineArn"] != arnOf("release") || release["Input"].(map[string]any)["release"].(map[string]any)["id"] != "r-1" {
		t.Errorf("the release machine is started with %v", release)
	}
	o = run(t, "deploy", pushEvent, script{"ResolveDeploy": {`{"verdict":"deploy","target":"lambda"}`}})
	if rollout := o.input(t, "RollOut", 0); rollout["Name"] != "rollout-r-1" || rollout["StateMachineArn"] != arnOf("rollout") || rollout["Input"].(map[string]any)["release"].(map[string]any)["id"] != "r-1" {
		t.Errorf("the rollout machine is started with %v", rollout)
	}
	o = run(t, "deploy", pushEvent, script{"ReleaseToSite": {"!States.TaskFailed"}})
	failure := o.input(t, "RecordFailure", 0)
	if flow := failure["flow"].(map[string]any); failure["execution"] != execution || flow["id"] != "e1" || flow["error"].(map[string]any)["Error"] != "States.TaskFailed" {
		t.Errorf("the failure is recorded with %v", failure)
	}
}

// TestADeployWaitsForAnother: the lock is asked for again for over half an hour,
// which a long release may take.
func TestADeployWaitsForAnother(t *testing.T) {
	o := run(t, "deploy", pushEvent, script{"BeginDeploy": {"!ReleaseUnderway"}})
	if o.took < 30*time.Minute || o.took > 2*time.Hour {
		t.Errorf("gave up after %v and %d tries", o.took, o.tries["BeginDeploy"])
	}
}

func TestAReconcileGoes(t *testing.T) {
	const page = "ReconcileDeploys DeployMissed "
	for _, tt := range []struct {
		name    string
		script  script
		path    string
		failure string
	}{
		{"through one page", nil, page + "StartDeploy ProtectImages ProtectImage More? Reconciled", ""},
		{"through a page without missed pushes", script{"ReconcileDeploys": {`{"missed":[],"unprotected":[],"done":true}`}}, page + "ProtectImages More? Reconciled", ""},
		{"through all pages", script{"ReconcileDeploys": {`{"missed":[{"name":"m1","event":{}}],"unprotected":[],"after":"x","done":false}`, usual["reconciledeploys"]}},
			page + "StartDeploy ProtectImages More? " + page + "StartDeploy ProtectImages ProtectImage More? Reconciled", ""},
		{"on when one can't be started", script{"StartDeploy": {"!StepFunctions.ExecutionAlreadyExistsException"}}, page + "StartDeploy NotStarted ProtectImages ProtectImage More? Reconciled", ""},
		{"on when one can't be protected", script{"ProtectImage": {"!AccessDeniedException"}}, page + "StartDeploy ProtectImages ProtectImage NotProtected More? Reconciled", ""},
		{"nowhere when the sandboxes can't be listed", script{"ReconcileDeploys": {"!AccessDenied"}}, "ReconcileDeploys", "AccessDenied"},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, "reconcile", `{}`, tt.script).wantPath(t, tt.path, tt.failure) })
	}
	o := run(t, "reconcile", `{}`, script{"ReconcileDeploys": {`{"missed":[],"unprotected":[],"after":"x","done":false}`, usual["reconciledeploys"]}})
	if second := o.input(t, "ReconcileDeploys", 1); second["page"].(map[string]any)["after"] != "x" {
		t.Errorf("the second page is asked for with %v", second)
	}
	start := o.input(t, "StartDeploy", 0)
	if start["Name"] != "missed-1" || start["StateMachineArn"] != arnOf("deploy") || start["Input"].(map[string]any)["id"] != "1" {
		t.Errorf("a deploy is started with %v", start)
	}
}
