package statemachine_test

import "testing"

const (
	updateInput        = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"cloudfront"}},"made":{"bucket":{"name":"b1"},"distribution":{"id":"E1","deployed":false,"waitSeconds":0}}}`
	updateOnInput      = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"cloudfront","waf":true}},"made":{"bucket":{"name":"b1"},"distribution":{"id":"E1","deployed":false,"waitSeconds":0}}}`
	updateOffInput     = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"cloudfront"}},"made":{"bucket":{"name":"b1"},"distribution":{"id":"E1","deployed":false,"waitSeconds":0},"webAcl":{"name":"mayfly-dev","arn":"arn:acl"}}}`
	updateBothInput    = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"cloudfront"}},"made":{"bucket":{"name":"b1"},"repository":{"name":"docs"},"distribution":{"id":"E1","deployed":false,"waitSeconds":0}}}`
	updateAloneInput   = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"none"}},"made":{"repository":{"name":"docs"}}}`
	updateWebsiteInput = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"website"}},"made":{"bucket":{"name":"b1"}}}`
)

func TestAnUpdateGoes(t *testing.T) {
	const on = "Update Repository Delivery EnsureWebACL UpdateDistribution "
	tests := []struct {
		name, input string
		script      script
		path        string
		failure     string
	}{
		{"through the distribution", updateInput, nil, "Update Repository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? Record Updated", ""},
		{"through the distribution, waiting twice", updateInput, script{"AwaitDistribution": {`{"id":"E1","deployed":false,"waitSeconds":10}`, usual["awaitdistribution"]}},
			"Update Repository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? Record Updated", ""},
		{"through the repository first", updateBothInput, nil, "Update Repository UpdateRepository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? Record Updated", ""},
		{"through a repository that stands alone", updateAloneInput, nil, "Update Repository UpdateRepository Delivery Record Updated", ""},
		{"past the wait when the distribution needed no change", updateBothInput, script{"UpdateDistribution": {`{"id":"E1","deployed":true,"waitSeconds":0}`}},
			"Update Repository UpdateRepository Delivery UpdateDistribution Deployed? Record Updated", ""},
		{"nowhere when a setting of the repository is refused", updateBothInput, script{"UpdateRepository": {"!InvalidParameterException"}},
			"Update Repository UpdateRepository RecordFailure UpdateFailed", "InvalidParameterException"},
		{"nowhere when the repository is another's", updateAloneInput, script{"UpdateRepository": {"!NotOurs"}}, "Update Repository UpdateRepository RecordFailure UpdateFailed", "NotOurs"},
		{"through the web ACL first when WAF goes on", updateOnInput, nil, on + "Deployed? WaitForPropagation AwaitDistribution Deployed? Record Updated", ""},
		{"through it again when it went meanwhile", updateOnInput, script{"UpdateDistribution": {"!InvalidWebACLId"}},
			on + "ProtectAgain EnsureWebACLAgain UpdateDistributionAgain Deployed? WaitForPropagation AwaitDistribution Deployed? Record Updated", ""},
		{"out of the web ACL when WAF is off and that has spread", updateOffInput, nil,
			"Update Repository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? DeleteWebACL Record Updated", ""},
		{"nowhere when the web ACL can't be made", updateOnInput, script{"EnsureWebACL": {"!NotOurs"}}, "Update Repository Delivery EnsureWebACL RecordFailure UpdateFailed", "NotOurs"},
		{"nowhere when it is never known", updateOnInput, script{"UpdateDistribution": {"!InvalidWebACLId"}, "UpdateDistributionAgain": {"!ForeignWebACL"}},
			on + "ProtectAgain EnsureWebACLAgain UpdateDistributionAgain RecordFailure UpdateFailed", "ForeignWebACL"},
		{"nowhere when the web ACL can't be left", updateOffInput, script{"DeleteWebACL": {"!AccessDeniedException"}},
			"Update Repository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? DeleteWebACL RecordFailure UpdateFailed", "AccessDeniedException"},
		{"through website hosting", updateWebsiteInput, nil, "Update Repository Delivery HostWebsite Record Updated", ""},
		{"nowhere when the change is refused", updateInput, script{"UpdateDistribution": {"!InvalidArgument"}},
			"Update Repository Delivery UpdateDistribution RecordFailure UpdateFailed", "InvalidArgument"},
		{"nowhere when the sandbox is being deleted", updateInput, script{"UpdateDistribution": {"!SandboxDeleting"}},
			"Update Repository Delivery UpdateDistribution RecordFailure UpdateFailed", "SandboxDeleting"},
		{"nowhere when it does not spread", updateInput, script{"AwaitDistribution": {"!PropagationTimeout"}},
			"Update Repository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution RecordFailure UpdateFailed", "PropagationTimeout"},
		{"nowhere when the hosting is refused", updateWebsiteInput, script{"HostWebsite": {"!InvalidArgument"}}, "Update Repository Delivery HostWebsite RecordFailure UpdateFailed", "InvalidArgument"},
		{"nowhere when its end can't be written", updateInput, script{"Record": {"!AccessDenied"}},
			"Update Repository Delivery UpdateDistribution Deployed? WaitForPropagation AwaitDistribution Deployed? Record RecordFailure UpdateFailed", "AccessDenied"},
		{"nowhere when not even the failure can be written", updateInput, script{"UpdateDistribution": {"!InvalidArgument"}, "RecordFailure": {"!AccessDenied"}},
			"Update Repository Delivery UpdateDistribution RecordFailure", "AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { run(t, "update", tt.input, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestAFailedUpdateIsRecordedWithItsError(t *testing.T) {
	record := run(t, "update", updateInput, script{"UpdateDistribution": {"!InvalidArgument"}}).input(t, "RecordFailure", 0)
	if record["outcome"] != "updateFailed" || record["flow"].(map[string]any)["error"].(map[string]any)["Error"] != "InvalidArgument" {
		t.Errorf("recorded %v", record)
	}
}
