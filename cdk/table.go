package main

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// tableID is the table's logical id. CloudFormation knows a resource by it:
// under another one the table would be a new one, and the records would stay
// behind in the old.
const tableID = "TableCD117FA1"

// checkTable refuses a stack that would replace the table of an installation
// that exists. CloudFormation replaces a table when its logical id, its name or
// its keys are others.
func checkTable(stack awscdk.Stack, s settings.Settings, table awsdynamodb.Table) error {
	made := table.Node().DefaultChild().(awsdynamodb.CfnTable)
	keys, err := json.Marshal(stack.Resolve(made.KeySchema()))
	if err != nil {
		return fmt.Errorf("keys of the table: %w", err)
	}
	is := [3]string{*stack.GetLogicalId(made), *made.TableName(), string(keys)}
	must := [3]string{
		tableID, s.Name("sandboxes"),
		fmt.Sprintf(`[{"attributeName":%q,"keyType":"HASH"},{"attributeName":%q,"keyType":"RANGE"}]`, dynamo.PartitionKey, dynamo.SortKey),
	}
	for i, what := range []string{"logical id", "name", "keys"} {
		if is[i] != must[i] {
			return fmt.Errorf("this would replace the table, and every record in it would be left behind: its %s would be %s, not %s; take back what changes that, or move to a new stage", what, is[i], must[i])
		}
	}
	return nil
}

func attribute(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
}
