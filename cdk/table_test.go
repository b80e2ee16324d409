package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// TestNoSettingReplacesTheTable changes every setting that leaves the stage as
// it is, and looks at what CloudFormation replaces a table for.
func TestNoSettingReplacesTheTable(t *testing.T) {
	identity := func(made *template) string {
		table, ok := made.Resources[tableID]
		if !ok {
			t.Fatalf("there is no %s", tableID)
		}
		return text([]any{table.Type, table.at("TableName"), table.at("KeySchema"), table.at("LocalSecondaryIndexes"), table.at("ImportSourceSpecification")})
	}
	if a, b := identity(of(t)), identity(of(t, everything()...)); a != b {
		t.Errorf("the table was\n%s\nand is\n%s", a, b)
	}
}

// everything is a context that sets whatever can be set, stage and region
// aside.
func everything() []string {
	return []string{
		"version", "v1.2.3", "timeZone", "Europe/Berlin", "nightly", "03:30", "notify", "ops@example.com,ana@example.com", "notifyOf", "warnings,budgets,nights", "budgetUSD", "50",
		"logDays", "90", "trail", "true", "jwtIssuer", "https://issuer.example.com/", "jwtAudience", "mayfly", "rate", "5", "burst", "9",
		"pushAccounts", "111122223333,444455556666", "cloudFrontConcurrency", "0", "propagationSeconds", "300", "noncurrentDays", "7",
		"limits", "entries=50000 ratio=400", "admins", "ops@example.com", "readers", "audit@example.com", "jwtNameClaim", "email", "jwtRoleClaim", "groups",
		"console", "https://d111111abcdef8.cloudfront.net,http://localhost:8700",
	}
}

func TestWhatWouldReplaceTheTableIsRefused(t *testing.T) {
	s, err := settings.Parse(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ id, table, key, says string }{
		"as it is":     {"Table", "mayfly-dev-sandboxes", dynamo.PartitionKey, ""},
		"another id":   {"Records", "mayfly-dev-sandboxes", dynamo.PartitionKey, "its logical id would be Records"},
		"another name": {"Table", "mayfly-dev-records", dynamo.PartitionKey, "its name would be mayfly-dev-records"},
		"another key":  {"Table", "mayfly-dev-sandboxes", "id", "its keys would be"},
	} {
		t.Run(name, func(t *testing.T) {
			stack := awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())}), jsii.String("mayfly-dev"), nil)
			table := awsdynamodb.NewTable(stack, jsii.String(test.id), &awsdynamodb.TableProps{
				TableName: jsii.String(test.table), PartitionKey: attribute(test.key), SortKey: attribute(dynamo.SortKey),
			})
			err := checkTable(stack, s, table)
			if (err == nil) != (test.says == "") || err != nil && (!strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "left behind")) {
				t.Errorf("got %v", err)
			}
		})
	}
}
