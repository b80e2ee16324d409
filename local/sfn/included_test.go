package sfn_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

const remembering = `{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":1},"Next":"B"},"B":{"Type":"Pass","Parameters":{"x.$":"$x"},"End":true}}}`

func TestDescriptionsTellPayloadsOnlyIfAsked(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	standard, quick := c.create(t, "standard", remembering), c.create(t, "quick", remembering, express)
	execution := c.run(t, standard, "one", `{"secret":1}`)
	c.finish(t, execution)
	for _, c2 := range []struct {
		included types.IncludedData
		told     bool
	}{{types.IncludedDataAllData, true}, {types.IncludedDataMetadataOnly, false}} {
		machine, err := c.DescribeStateMachine(t.Context(), &api.DescribeStateMachineInput{StateMachineArn: &standard, IncludedData: c2.included})
		if err != nil || (aws.ToString(machine.Definition) != "") != c2.told || (machine.VariableReferences != nil) != c2.told {
			t.Errorf("%s: %+v, %v", c2.included, machine, err)
		}
		d, err := c.DescribeExecution(t.Context(), &api.DescribeExecutionInput{ExecutionArn: &execution, IncludedData: c2.included})
		if err != nil || (d.Input != nil) != c2.told || (d.Output != nil) != c2.told || d.InputDetails.Included != c2.told || d.OutputDetails.Included != c2.told {
			t.Errorf("%s: %+v, %v", c2.included, d, err)
		}
		of, err := c.DescribeStateMachineForExecution(t.Context(), &api.DescribeStateMachineForExecutionInput{ExecutionArn: &execution, IncludedData: c2.included})
		if err != nil || (aws.ToString(of.Definition) != "") != c2.told {
			t.Errorf("%s: %+v, %v", c2.included, of, err)
		}
		sync, err := c.StartSyncExecution(t.Context(), &api.StartSyncExecutionInput{StateMachineArn: &quick, IncludedData: c2.included})
		if err != nil || (sync.Output != nil) != c2.told || sync.OutputDetails.Included != c2.told {
			t.Errorf("%s: %+v, %v", c2.included, sync, err)
		}
	}
	_, err := c.DescribeExecution(t.Context(), &api.DescribeExecutionInput{ExecutionArn: &execution, IncludedData: "SOME"})
	refused(t, "an unknown includedData", err, "ValidationException")
}

func TestDescriptionsTellWhatWasSet(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "m", remembering)
	m, err := c.DescribeStateMachine(t.Context(), &api.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil || m.EncryptionConfiguration.Type != types.EncryptionTypeAwsOwnedKey ||
		!reflect.DeepEqual(m.VariableReferences, map[string][]string{"B": {"x"}}) {
		t.Errorf("%+v, %v", m, err)
	}
	started, err := c.StartExecution(t.Context(), &api.StartExecutionInput{StateMachineArn: &arn, TraceHeader: aws.String("Root=1-2-3")})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.DescribeExecution(t.Context(), &api.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
	if err != nil || aws.ToString(d.TraceHeader) != "Root=1-2-3" {
		t.Errorf("%+v, %v", d, err)
	}
	key := &types.EncryptionConfiguration{Type: types.EncryptionTypeCustomerManagedKmsKey, KmsKeyId: aws.String("key")}
	a, err := c.CreateActivity(t.Context(), &api.CreateActivityInput{Name: aws.String("a"), EncryptionConfiguration: key})
	if err != nil {
		t.Fatal(err)
	}
	activity, err := c.DescribeActivity(t.Context(), &api.DescribeActivityInput{ActivityArn: a.ActivityArn})
	if err != nil || aws.ToString(activity.EncryptionConfiguration.KmsKeyId) != "key" {
		t.Errorf("%+v, %v", activity, err)
	}
	_, err = c.CreateActivity(t.Context(), &api.CreateActivityInput{Name: aws.String("a")})
	refused(t, "another key", err, "ActivityAlreadyExists")
}

func TestATimedOutExecutionNamesNoError(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "slow", `{"TimeoutSeconds":1,"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}`)
	execution := c.run(t, arn, "", `{}`)
	if d := c.finish(t, execution); d.Status != types.ExecutionStatusTimedOut || d.Error != nil || d.Cause != nil || d.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Errorf("%+v", d)
	}
}
