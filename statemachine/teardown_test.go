package statemachine_test

import "testing"

const teardownInput = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"cloudfront"}},"made":{}}`

func TestATeardownGoes(t *testing.T) {
	const (
		begin = "Teardown BeginTeardown "
		stop  = begin + "StopServing RemoveDistribution DisableDistribution EmptyBucket "
	)
	tests := []struct {
		name    string
		script  script
		path    string
		failure string
	}{
		{"to nothing left", nil,
			stop + "Disabled? WaitForPropagation Empty? Emptied AwaitDistribution Disabled? DeleteDistribution RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL Forget Gone", ""},
		{"to nothing left where there was no distribution", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL Forget Gone", ""},
		{"on when the deletion is refused because somebody enabled it again", script{"DeleteDistribution": {"!DistributionNotDisabled", usual["deletedistribution"]}},
			stop + "Disabled? WaitForPropagation Empty? Emptied AwaitDistribution Disabled? DeleteDistribution " +
				"DisableDistribution Disabled? WaitForPropagation AwaitDistribution Disabled? DeleteDistribution RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL Forget Gone", ""},
		{"on after a late write", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "DeleteBucket": {"!BucketNotEmpty", usual["deletebucket"]}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL Forget Gone", ""},
		{"on while the bucket is not empty", script{
			"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`},
			"EmptyBucket":         {`{"done":false,"deleted":900}`, `{"done":true,"deleted":1000}`},
			"EmptyLateWrites":     {`{"done":false,"deleted":1900}`, `{"done":true,"deleted":2000}`},
		}, stop + "Disabled? DeleteDistribution Empty? EmptyBucket Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL Forget Gone", ""},

		{"no further than the ledger", script{"BeginTeardown": {"!AccessDenied"}}, begin + "RecordLeftBehind LeftBehind", "AccessDenied"},
		{"no further than the distribution", script{"DisableDistribution": {"!NotOurs"}}, stop + "RecordLeftBehind LeftBehind", "NotOurs"},
		{"no further than the wait", script{"AwaitDistribution": {"!PropagationTimeout"}},
			stop + "Disabled? WaitForPropagation Empty? Emptied AwaitDistribution RecordLeftBehind LeftBehind", "PropagationTimeout"},
		{"no further than the bucket's content", script{"EmptyBucket": {"!AccessDenied"}}, stop + "Disabled? WaitForPropagation RecordLeftBehind LeftBehind", "AccessDenied"},
		{"no further than late writes", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "EmptyLateWrites": {"!AccessDenied"}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites RecordLeftBehind LeftBehind", "AccessDenied"},
		{"no further than the bucket", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "DeleteBucket": {"!DistributionLeft"}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket RecordLeftBehind LeftBehind", "DistributionLeft"},
		{"no further than the identity", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "DeleteOriginAccess": {"!NotOurs"}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess RecordLeftBehind LeftBehind", "NotOurs"},
		{"no further than the repository", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "DeleteRepository": {"!NotOurs"}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository RecordLeftBehind LeftBehind", "NotOurs"},
		{"no further than the web ACL", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "DeleteWebACL": {"!AccessDeniedException"}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL RecordLeftBehind LeftBehind", "AccessDeniedException"},
		{"no further than the record", script{"DisableDistribution": {`{"deployed":true,"waitSeconds":0}`}, "Forget": {"!AccessDenied"}},
			stop + "Disabled? DeleteDistribution Empty? Emptied RemoveBucket EmptyLateWrites NowEmpty? DeleteBucket DeleteOriginAccess DeleteRepository DeleteWebACL Forget RecordLeftBehind LeftBehind", "AccessDenied"},
		{"nowhere, and can't say so", script{"BeginTeardown": {"!AccessDenied"}, "RecordLeftBehind": {"!AccessDenied"}}, begin + "RecordLeftBehind", "AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { run(t, "teardown", teardownInput, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestATeardownThatIsRefusedEnds(t *testing.T) {
	for state, tt := range map[string]struct {
		failure string
		tries   int
	}{
		"DeleteDistribution": {"DistributionNotDisabled", 21},
		"DeleteBucket":       {"BucketNotEmpty", 11},
		"BeginTeardown":      {"NotSettled", 41},
		"DeleteOriginAccess": {"CloudFrontOriginAccessIdentityInUse", 25},
	} {
		t.Run(state, func(t *testing.T) {
			o := run(t, "teardown", teardownInput, script{state: {"!" + tt.failure}})
			if o.result.Error != tt.failure || o.tries[state] != tt.tries || o.path[len(o.path)-1] != "LeftBehind" {
				t.Errorf("ended with %s after %d tries in %s", o.result.Error, o.tries[state], o.path[len(o.path)-1])
			}
			if record := o.input(t, "RecordLeftBehind", 0); record["outcome"] != "leftBehind" || record["flow"].(map[string]any)["error"].(map[string]any)["Error"] != tt.failure {
				t.Errorf("recorded %v", record)
			}
		})
	}
}
