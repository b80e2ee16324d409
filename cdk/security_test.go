package main

import (
	"slices"
	"strings"
	"testing"
)

// TestWhatIsKeptIsEncryptedAndPrivate looks at everything that keeps data.
func TestWhatIsKeptIsEncryptedAndPrivate(t *testing.T) {
	made := of(t, everything()...)
	for id, r := range made.Resources {
		var must map[string]any
		switch r.Type {
		case "AWS::S3::Bucket":
			must = map[string]any{
				"encryption": r.at("BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm"),
				"blocked":    r.at("PublicAccessBlockConfiguration", "BlockPublicAcls") == true && r.at("PublicAccessBlockConfiguration", "BlockPublicPolicy") == true && r.at("PublicAccessBlockConfiguration", "IgnorePublicAcls") == true && r.at("PublicAccessBlockConfiguration", "RestrictPublicBuckets") == true,
				"expiry":     r.at("LifecycleConfiguration", "Rules", 0),
				"TLS only":   tlsOnly(made, "AWS::S3::BucketPolicy", "Bucket", id),
			}
		case "AWS::DynamoDB::Table":
			must = map[string]any{
				"KMS": r.at("SSESpecification", "SSEEnabled"), "recovery": r.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
				"expiry": r.at("TimeToLiveSpecification", "Enabled"), "on demand": r.at("BillingMode") == "PAY_PER_REQUEST",
			}
		case "AWS::SQS::Queue":
			must = map[string]any{"encryption": r.at("SqsManagedSseEnabled"), "TLS only": tlsOnly(made, "AWS::SQS::QueuePolicy", "Queues", id)}
		case "AWS::SNS::Topic":
			must = map[string]any{"TLS only": tlsOnly(made, "AWS::SNS::TopicPolicy", "Topics", id)}
		case "AWS::Logs::LogGroup":
			must = map[string]any{"retention": r.at("RetentionInDays")}
		}
		for what, is := range must {
			if is == nil || is == false {
				t.Errorf("%s %s: no %s", r.Type, id, what)
			}
		}
	}
}

// tlsOnly reports whether the policy of a resource denies what comes without
// TLS.
func tlsOnly(made *template, kind, property, id string) bool {
	for _, policy := range made.all(kind) {
		if !strings.Contains(text(policy.at(property)), `"`+id+`"`) {
			continue
		}
		statements, _ := policy.at("PolicyDocument", "Statement").([]any)
		for _, statement := range statements {
			if s := text(statement); strings.Contains(s, `"Effect":"Deny"`) && strings.Contains(s, `"aws:SecureTransport":"false"`) {
				return true
			}
		}
	}
	return false
}

// TestProdKeepsWhatOthersMayLose: the table of a throw-away stage goes with its
// stack, the one of prod can't be deleted by mistake.
func TestProdKeepsWhatOthersMayLose(t *testing.T) {
	for stage, want := range map[string]struct {
		policy    string
		protected bool
	}{"dev": {"Delete", false}, "prod": {"Retain", true}} {
		made := of(t)
		if stage != "dev" {
			made = of(t, "stage", stage, "region", "us-east-1")
		}
		table := made.one(t, "AWS::DynamoDB::Table")
		if table.DeletionPolicy != want.policy || table.at("DeletionProtectionEnabled") != want.protected {
			t.Errorf("%s: the table is %s, protected %v", stage, table.DeletionPolicy, table.at("DeletionProtectionEnabled"))
		}
		if bucket := made.one(t, "AWS::S3::Bucket"); bucket.DeletionPolicy != want.policy {
			t.Errorf("%s: the bucket is %s", stage, bucket.DeletionPolicy)
		}
	}
}

// TestNoRoleMayDoEverything looks at each statement of each role: actions are
// named one by one, and everything stands as the resource only where AWS has
// nothing to name, or where a list is of all that an account has.
func TestNoRoleMayDoEverything(t *testing.T) {
	unnamed := strings.Fields(`
		xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets
		logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries
		logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups
		cloudfront:ListDistributions cloudfront:ListCloudFrontOriginAccessIdentities cloudfront:ListOriginAccessControls
		cloudfront:ListDistributionsByWebACLId wafv2:ListWebACLs states:ListStateMachines
		cloudwatch:GetMetricData ce:GetCostAndUsage servicequotas:GetServiceQuota servicequotas:GetAWSDefaultServiceQuota
		s3:ListAllMyBuckets ecr:DescribeRepositories ecr-public:DescribeRepositories`)
	statements := 0
	for id, r := range of(t, everything()...).Resources {
		if r.Type != "AWS::IAM::Policy" {
			continue
		}
		list, _ := r.at("PolicyDocument", "Statement").([]any)
		for _, one := range list {
			statements++
			statement, _ := one.(map[string]any)
			actions, everywhere := texts(statement["Action"]), slices.Contains(texts(statement["Resource"]), "*")
			if len(actions) == 0 || statement["NotAction"] != nil || statement["NotResource"] != nil {
				t.Errorf("%s: %s", id, text(statement))
			}
			for _, action := range actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s may do %s", id, action)
				}
				if everywhere && !slices.Contains(unnamed, action) && statement["Condition"] == nil {
					t.Errorf("%s may do %s on everything", id, action)
				}
			}
		}
	}
	t.Logf("statements of roles: %d", statements)
}

// texts returns what is one text or a list, with what is neither left out.
func texts(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	list, _ := value.([]any)
	var all []string
	for _, one := range list {
		if s, ok := one.(string); ok {
			all = append(all, s)
		}
	}
	return all
}
