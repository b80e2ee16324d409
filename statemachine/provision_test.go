package statemachine_test

import (
	"testing"
	"time"
)

const (
	provisionInput = `{"sandbox":{"id":"abcdefgh23","name":"docs","owner":"ada","spec":{"delivery":"cloudfront","originAccess":"oai","indexDocument":"index.html","priceClass":"PriceClass_100"}},"made":{}}`
	websiteInput   = `{"sandbox":{"id":"abcdefgh23","name":"docs","owner":"ada","spec":{"delivery":"website","originAccess":"oai","indexDocument":"index.html","priceClass":"PriceClass_100"}},"made":{}}`

	aloneInput = `{"sandbox":{"id":"abcdefgh23","name":"docs","owner":"ada","spec":{"delivery":"none","originAccess":"oai","indexDocument":"index.html","priceClass":"PriceClass_100"}},"made":{}}`

	wafInput = `{"sandbox":{"id":"abcdefgh23","name":"docs","owner":"ada","spec":{"delivery":"cloudfront","originAccess":"oai","indexDocument":"index.html","priceClass":"PriceClass_100","waf":true}},"made":{}}`

	protected   = "Provision Delivery EnsureWebACL Foundations CreateBucket CreateOriginAccess CreateRepository EnableVersioning CreateDistribution "
	foundations = "Provision Delivery Foundations CreateBucket CreateOriginAccess CreateRepository EnableVersioning "
	website     = "Provision Delivery WebsiteFoundations CreateWebsiteBucket CreateWebsiteRepository EnableWebsiteVersioning "
	distributed = foundations + "CreateDistribution ApplyPolicy WaitForPropagation AwaitDistribution Deployed? "
	again       = "WaitForPropagation AwaitDistribution Deployed? "
)

func TestAProvisionGoes(t *testing.T) {
	tests := []struct {
		name, input string
		script      script
		path        string
		failure     string
	}{
		{"by CloudFront", provisionInput, nil, distributed + "Record Ready", ""},
		{"by CloudFront, waiting twice", provisionInput,
			script{"AwaitDistribution": {`{"id":"E1","deployed":false,"waitSeconds":10}`, usual["awaitdistribution"]}}, distributed + again + "Record Ready", ""},
		{"by CloudFront behind WAF", wafInput, nil, protected + "ApplyPolicy WaitForPropagation AwaitDistribution Deployed? Record Ready", ""},
		{"by CloudFront behind WAF, when the web ACL went meanwhile", wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}},
			protected + "ProtectAgain EnsureWebACLAgain CreateDistributionAgain ApplyPolicy WaitForPropagation AwaitDistribution Deployed? Record Ready", ""},
		{"by CloudFront behind WAF, when it went twice", wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}, "CreateDistributionAgain": {"!InvalidWebACLId", usual["createdistribution"]}},
			protected + "ProtectAgain EnsureWebACLAgain CreateDistributionAgain EnsureWebACLAgain CreateDistributionAgain ApplyPolicy WaitForPropagation AwaitDistribution Deployed? Record Ready", ""},
		{"back when the web ACL can't be made", wafInput, script{"EnsureWebACL": {"!WAFLimitsExceededException"}}, "Provision Delivery EnsureWebACL Undo FailedAndUndone", "WAFLimitsExceededException"},
		{"back when the web ACL can't be made again", wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}, "EnsureWebACLAgain": {"!NotOurs"}},
			protected + "ProtectAgain EnsureWebACLAgain Undo FailedAndUndone", "NotOurs"},
		{"back when the protected distribution can't be made", wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}, "CreateDistributionAgain": {"!TooManyDistributions"}},
			protected + "ProtectAgain EnsureWebACLAgain CreateDistributionAgain Undo FailedAndUndone", "TooManyDistributions"},
		{"by website hosting", websiteInput, nil,
			website + "HostWebsite Record Ready", ""},
		{"by the repository alone", aloneInput, nil, "Provision Delivery CreateRepositoryAlone Record Ready", ""},

		{"back when the bucket can't be made", provisionInput, script{"CreateBucket": {"!TooManyBuckets"}},
			"Provision Delivery Foundations CreateBucket CreateOriginAccess CreateRepository Undo FailedAndUndone", "TooManyBuckets"},
		{"back when versioning fails", provisionInput, script{"EnableVersioning": {"!AccessDenied"}}, foundations + "Undo FailedAndUndone", "AccessDenied"},
		{"back when the identity can't be made", provisionInput, script{"CreateOriginAccess": {"!TooManyCloudFrontOriginAccessIdentities"}},
			foundations + "Undo FailedAndUndone", "TooManyCloudFrontOriginAccessIdentities"},
		{"back when the repository can't be made", provisionInput, script{"CreateRepository": {"!NotOurs"}}, foundations + "Undo FailedAndUndone", "NotOurs"},
		{"back when the website's repository can't be made", websiteInput, script{"CreateWebsiteRepository": {"!LimitExceededException"}},
			website + "Undo FailedAndUndone", "LimitExceededException"},
		{"back when the repository alone can't be made", aloneInput, script{"CreateRepositoryAlone": {"!KmsException"}},
			"Provision Delivery CreateRepositoryAlone Undo FailedAndUndone", "KmsException"},
		{"back when the distribution can't be made", provisionInput, script{"CreateDistribution": {"!TooManyDistributions"}},
			foundations + "CreateDistribution Undo FailedAndUndone", "TooManyDistributions"},
		{"back when the policy is wrong", provisionInput, script{"ApplyPolicy": {"!AccessDenied"}},
			foundations + "CreateDistribution ApplyPolicy Undo FailedAndUndone", "AccessDenied"},
		{"back when the change does not spread", provisionInput, script{"AwaitDistribution": {"!PropagationTimeout"}},
			foundations + "CreateDistribution ApplyPolicy WaitForPropagation AwaitDistribution Undo FailedAndUndone", "PropagationTimeout"},
		{"back when its deletion overtakes it", provisionInput, script{"Record": {"!SandboxDeleting"}}, distributed + "Record Undo FailedAndUndone", "SandboxDeleting"},
		{"back when the website's bucket can't be made", websiteInput, script{"CreateWebsiteBucket": {"!TooManyBuckets"}},
			"Provision Delivery WebsiteFoundations CreateWebsiteBucket CreateWebsiteRepository Undo FailedAndUndone", "TooManyBuckets"},
		{"back when the website's versioning fails", websiteInput, script{"EnableWebsiteVersioning": {"!SandboxDeleting"}},
			website + "Undo FailedAndUndone", "SandboxDeleting"},
		{"back when the bucket can't be hosted", websiteInput, script{"HostWebsite": {"!InvalidArgument"}},
			website + "HostWebsite Undo FailedAndUndone", "InvalidArgument"},

		{"nowhere when undoing fails too", provisionInput, script{"CreateDistribution": {"!TooManyDistributions"}, "Undo": {"!States.TaskFailed"}},
			foundations + "CreateDistribution Undo RecordLeftBehind FailedAndLeftBehind", "States.TaskFailed"},
		{"nowhere when not even that is written", provisionInput, script{"CreateDistribution": {"!TooManyDistributions"}, "Undo": {"!States.TaskFailed"}, "RecordLeftBehind": {"!AccessDenied"}},
			foundations + "CreateDistribution Undo RecordLeftBehind", "AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { run(t, "provision", tt.input, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestAProvisionCostsAtMost18Transitions(t *testing.T) {
	// The step that asks says Deployed once 170 s have passed: after one long
	// wait of 165 s and one short one.
	o := run(t, "provision", provisionInput, script{"AwaitDistribution": {`{"id":"E1","deployed":false,"waitSeconds":10}`, usual["awaitdistribution"]}})
	if o.transitions > 18 {
		t.Errorf("%d transitions: %v", o.transitions, o.path)
	}
	if o.took < 170*time.Second || o.took > 180*time.Second {
		t.Errorf("took %v", o.took)
	}
}

func TestEachStepOfAProvisionSeesWhatWasMade(t *testing.T) {
	o := run(t, "provision", provisionInput, script{"CreateDistribution": {"!TooManyDistributions"}})
	made := o.input(t, "CreateDistribution", 0)["made"].(map[string]any)
	if made["bucket"].(map[string]any)["name"] != "b1" || made["originAccess"].(map[string]any)["id"] != "I1" || made["repository"].(map[string]any)["name"] != "docs" {
		t.Errorf("made %v", made)
	}
	undo := o.input(t, "Undo", 0)
	flow := undo["Input"].(map[string]any)
	if undo["Name"] != "undo-abcdefgh23" || flow["keep"] != "failed" || flow["error"].(map[string]any)["Error"] != "TooManyDistributions" {
		t.Errorf("undone by %v", undo)
	}
	o = run(t, "provision", provisionInput, nil)
	record := o.input(t, "Record", 0)
	if record["outcome"] != "ready" || record["flow"].(map[string]any)["made"].(map[string]any)["distribution"].(map[string]any)["deployed"] != true {
		t.Errorf("recorded %v", record)
	}
}

// TestAWebACLThatIsNeverKnownEndsTheProvision after nine tries.
func TestAWebACLThatIsNeverKnownEndsTheProvision(t *testing.T) {
	o := run(t, "provision", wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}, "CreateDistributionAgain": {"!InvalidWebACLId"}})
	if o.path[len(o.path)-1] != "FailedAndUndone" || o.result.Error != "InvalidWebACLId" || o.tries["CreateDistributionAgain"] != 9 || o.tries["EnsureWebACLAgain"] != 9 {
		t.Errorf("ended with %s after %v", o.result.Error, o.tries)
	}
}

func TestADistributionIsToldItsWebACL(t *testing.T) {
	o := run(t, "provision", wafInput, script{"CreateDistribution": {"!InvalidWebACLId"}, "EnsureWebACLAgain": {`{"name":"mayfly-dev","arn":"arn:again"}`}})
	for state, want := range map[string]string{"CreateDistribution": "arn:acl", "CreateDistributionAgain": "arn:again"} {
		in := o.input(t, state, 0)
		if got := in["webAcl"].(map[string]any)["arn"]; got != want || in["made"].(map[string]any)["bucket"].(map[string]any)["name"] != "b1" {
			t.Errorf("%s got %v", state, in)
		}
	}
}
