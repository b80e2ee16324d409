// Package firewall is what an installation's web ACL is: its name, rules and
// tags. One serves all sandboxes that ask for it, because AWS bills each web
// ACL and each rule by the month. It calls nothing.
package firewall

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	// RateLimit is how many requests one IP address may make in Window seconds
	// before WAF blocks it: far above what a reader of a site asks for, also
	// behind the address of a school.
	RateLimit = 10_000
	// Window is how many seconds requests are counted over.
	Window = 300

	rateLimit      = "RateLimit"
	knownBadInputs = "AWSManagedRulesKnownBadInputsRuleSet"
	commonRules    = "AWSManagedRulesCommonRuleSet"
)

// Name returns the name of the web ACL of the installation with a stage.
func Name(stage string) string { return "mayfly-" + stage }

// Rules returns the rules, each of which AWS bills by the month. What is
// cheapest to decide comes first.
func Rules() []types.Rule {
	return []types.Rule{
		{
			Name: aws.String(rateLimit), Priority: 0, Action: &types.RuleAction{Block: &types.BlockAction{}},
			Statement: &types.Statement{RateBasedStatement: &types.RateBasedStatement{
				Limit: aws.Int64(RateLimit), EvaluationWindowSec: Window, AggregateKeyType: types.RateBasedStatementAggregateKeyTypeIp,
			}},
			VisibilityConfig: Visibility(rateLimit),
		},
		managed(1, knownBadInputs),
		managed(2, commonRules),
	}
}

// managed is a rule group that AWS keeps, with the actions of its own rules.
func managed(priority int32, name string) types.Rule {
	return types.Rule{
		Name: aws.String(name), Priority: priority, OverrideAction: &types.OverrideAction{None: &types.NoneAction{}},
		Statement:        &types.Statement{ManagedRuleGroupStatement: &types.ManagedRuleGroupStatement{VendorName: aws.String("AWS"), Name: aws.String(name)}},
		VisibilityConfig: Visibility(name),
	}
}

// Visibility says that requests are counted in CloudWatch under a name. No
// request is kept as a sample: it would have what readers sent.
func Visibility(name string) *types.VisibilityConfig {
	return &types.VisibilityConfig{CloudWatchMetricsEnabled: true, MetricName: aws.String(name)}
}

// Description says what the web ACL is, and which rules Mayfly gave it: with
// other rules it is another text. A rule that somebody added by hand does not
// change it, and so stays until Mayfly's own change.
func Description(stage string) string {
	text, err := json.Marshal(Rules())
	if err != nil {
		// Strings, numbers and booleans always have a JSON form.
		panic(fmt.Sprintf("digest of the rules: %v", err))
	}
	sum := sha256.Sum256(text)
	return fmt.Sprintf("Mayfly, stage %s: shared by sandboxes, rules %s", stage, hex.EncodeToString(sum[:4]))
}

// Tags returns the tags that prove whose the web ACL is.
func Tags(stage string) []types.Tag {
	return []types.Tag{{Key: aws.String(sandbox.TagStage), Value: &stage}}
}
