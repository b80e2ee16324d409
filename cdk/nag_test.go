package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// suppression says why a finding of cdk-nag is right as it is. It is about one
// construct, or about every construct when path is empty, and there about the
// findings that its patterns match.
type suppression struct {
	rule, path, reason string
	findings           []string
}

// suppressions are all that the stack needs. Each reason is there once: the
// report tells by it which suppression was of use.
func suppressions() []suppression {
	return []suppression{
		{rule: "AwsSolutions-S1", path: "Uploads/Resource", reason: "Server access logs are delivered when they can be. Who uploads what is in the API's audit, and CloudTrail records each access with the setting trail."},
		{rule: "AwsSolutions-S1", path: "TrailRecords/Resource", reason: "This bucket is CloudTrail's own record; validation of its files shows what was changed in it."},
		{rule: "AwsSolutions-SQS3", path: "DeadLetters/Resource", reason: "This is the dead-letter queue, of rules and schedules; nothing polls it that could fail."},
		{rule: "AwsSolutions-SF1", reason: "The machines log errors alone, without payloads: each execution's history has every event, for 90 days, and who may read it is bounded better than logs are."},
		{rule: "AwsSolutions-IAM5", findings: []string{"Resource::*"}, reason: "AWS gives these actions no resource to name: X-Ray, log delivery, CloudFront's lists. The one on KMS is bounded by kms:ViaService. TestNoRoleMayDoEverything holds the list."},
		{rule: "AwsSolutions-IAM5", findings: []string{"Resource::arn:aws:s3:::mayfly-*", "Resource::arn:aws:s3:::mayfly-*/*"}, reason: "The sites' buckets are made on request; all are called mayfly-NAME-ID, and nothing else is."},
		{rule: "AwsSolutions-IAM5", findings: []string{`/^Resource::<Uploads[0-9A-F]{8}\.Arn>\/\*$/`}, reason: "Uploads and manifests are objects of this one bucket, called by release and by content."},
		{rule: "AwsSolutions-IAM5", findings: []string{"Resource::<" + tableID + ".Arn>/index/*"}, reason: "The table's own indexes: it has those alone that the store asks."},
		{rule: "AwsSolutions-IAM5", findings: []string{`/^Resource::arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:(distribution|origin-access-identity|origin-access-control)\/\*$/`}, reason: "CloudFront chooses the ids of what is made on request, and its actions know no condition on tags."},
		{rule: "AwsSolutions-IAM5", findings: []string{`/^Resource::arn:<AWS::Partition>:wafv2:us-east-1:<AWS::AccountId>:global\/(webacl\/mayfly-dev|managedruleset\/\*)\/\*$/`}, reason: "WAF chooses the id of the one web ACL, whose name is the stage's; whoever gives it rule groups of AWS needs the action on these, too."},
		{rule: "AwsSolutions-IAM5", findings: []string{`/^Resource::arn:<AWS::Partition>:ecr(-public)?:[a-z0-9-]*:<AWS::AccountId>:repository\/mayfly-dev\/\*$/`}, reason: "Repositories are made on request; all are under the prefix mayfly-STAGE/."},
		{rule: "AwsSolutions-IAM5", findings: []string{`/:execution:.*:\*$/`, `/:execution:mayfly-dev-\*$/`, `/:execution:mayfly-dev-nightly\/\*$/`, `/:stateMachine:mayfly-dev-\*$/`}, reason: "An execution is called by its sandbox and release; the machine is named, or is one of this stage."},
		{rule: "AwsSolutions-IAM5", findings: []string{`/^Resource::<Step[a-z]+[0-9A-F]{8}\.Arn>:\*$/`}, reason: "Versions of one function: an execution calls the one that it began with until it ends, after later deploys too."},
	}
}

// TestNagFindsNothing runs cdk-nag's AwsSolutions pack over a stack with every
// setting on. Each finding is mended or has its reason, and each reason has a
// finding.
func TestNagFindsNothing(t *testing.T) {
	app, stack := compose(t, bootstraps(t, nil), everything()...)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
	for _, s := range suppressions() {
		suppress(stack, s)
	}
	app.Synth(nil)

	rows := report(t, filepath.Join(*app.Outdir(), "AwsSolutions-mayfly-dev-NagReport.json"))
	used, findings := make(map[string]int), 0
	for _, row := range rows {
		switch row.Compliance {
		case "Suppressed":
			used[row.ExceptionReason]++
			findings++
		case "Compliant", "N/A":
		default:
			t.Errorf("%s of %s: %s", row.RuleID, row.ResourceID, row.Compliance)
		}
	}
	if t.Failed() { // the annotations say more, and synthesize again
		for _, message := range *assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), assertions.Match_AnyValue()) {
			t.Error(text(message))
		}
	}
	for _, s := range suppressions() {
		for _, finding := range s.unused(used) {
			t.Errorf("the suppression of %s %s suppresses nothing: %s", s.rule, finding, s.reason)
		}
	}
	if len(rows) < 200 {
		t.Errorf("the report has %d checks", len(rows))
	}
	t.Logf("nag checks: %d, findings: 0 unsuppressed, %d with a reason; suppressions: %d, unused: 0", len(rows), findings, len(suppressions()))
}

// unused returns the findings that are in no row of the report, which has them
// in brackets before the reason.
func (s suppression) unused(used map[string]int) []string {
	if s.findings == nil && used[s.reason] == 0 {
		return []string{s.path}
	}
	var unused []string
	for _, finding := range s.findings {
		matches := func(text string) bool { return text == finding }
		if pattern, ok := strings.CutPrefix(finding, "/"); ok {
			matches = regexp.MustCompile(strings.TrimSuffix(pattern, "/")).MatchString
		}
		some := false
		for row := range used {
			text, ok := strings.CutSuffix(row, "] "+s.reason)
			some = some || ok && matches(strings.TrimPrefix(text, "["))
		}
		if !some {
			unused = append(unused, finding)
		}
	}
	return unused
}

func suppress(stack awscdk.Stack, s suppression) {
	entry := &cdknag.NagPackSuppression{Id: jsii.String(s.rule), Reason: jsii.String(s.reason)}
	if s.findings != nil {
		var applies []any
		for _, finding := range s.findings {
			if strings.HasPrefix(finding, "/") {
				applies = append(applies, &cdknag.RegexAppliesTo{Regex: jsii.String(finding)})
			} else {
				applies = append(applies, finding)
			}
		}
		entry.AppliesTo = &applies
	}
	if s.path == "" {
		cdknag.NagSuppressions_AddStackSuppressions(stack, &[]*cdknag.NagPackSuppression{entry}, nil)
		return
	}
	cdknag.NagSuppressions_AddResourceSuppressionsByPath(stack, *stack.Node().Path()+"/"+s.path, &[]*cdknag.NagPackSuppression{entry}, nil)
}

// row is one check of one resource in cdk-nag's report.
type row struct{ RuleID, ResourceID, Compliance, ExceptionReason string }

func report(t *testing.T, path string) []row {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report struct{ Lines []row }
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report.Lines
}
