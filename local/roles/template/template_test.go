package template_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/roles/template"
)

var here = template.Deployment{Stack: "mayfly-local", Account: "000000000000", Region: "us-east-1"}

// stack is a template of one function with a role, whose policy allows an action
// on a resource.
func stack(resource string) string {
	return `{"Parameters":{"Stage":{"Default":"local"}},"Resources":{
		"Role1":{"Type":"AWS::IAM::Role","Properties":{"ManagedPolicyArns":[{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]]}]}},
		"Policy1":{"Type":"AWS::IAM::Policy","Properties":{"Roles":[{"Ref":"Role1"}],"PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":` + resource + `}]}}},
		"Step1":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"mayfly-local-one","Role":{"Fn::GetAtt":["Role1","Arn"]}}},
		"Version1":{"Type":"AWS::Lambda::Version","Properties":{"FunctionName":{"Ref":"Step1"}}},
		"Alias1":{"Type":"AWS::Lambda::Alias","Properties":{"Name":"live","FunctionName":{"Ref":"Step1"},"FunctionVersion":{"Fn::GetAtt":["Version1","Version"]}}},
		"Machine1":{"Type":"AWS::StepFunctions::StateMachine","Properties":{"StateMachineName":"mayfly-local-release","RoleArn":{"Fn::GetAtt":["Role2","Arn"]}}},
		"MachineVersion":{"Type":"AWS::StepFunctions::StateMachineVersion","Properties":{"StateMachineArn":{"Ref":"Machine1"}}},
		"MachineAlias":{"Type":"AWS::StepFunctions::StateMachineAlias","Properties":{"Name":"live","RoutingConfiguration":[{"StateMachineVersionArn":{"Fn::GetAtt":["MachineVersion","Arn"]},"Weight":100}]}},
		"Role2":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyDocument":{"Statement":[]}}]}},
		"Role3":{"Type":"AWS::IAM::Role","Properties":{}},
		"Table1":{"Type":"AWS::DynamoDB::Table","Properties":{}},
		"Bucket1":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::Sub":"uploads-${Stage}-${AWS::AccountId}"}}},
		"Odd":{"Type":"Custom::Odd","Properties":{}}
	}}`
}

func TestReferencesComeToARNs(t *testing.T) {
	for resource, want := range map[string]string{
		`"*"`:                                `"*"`,
		`{"Fn::GetAtt":["Table1","Arn"]}`:    `"arn:aws:dynamodb:us-east-1:000000000000:table/mayfly-local-Table1"`,
		`{"Fn::GetAtt":["Step1","Arn"]}`:     `"arn:aws:lambda:us-east-1:000000000000:function:mayfly-local-one"`,
		`{"Ref":"Version1"}`:                 `"arn:aws:lambda:us-east-1:000000000000:function:mayfly-local-one:1"`,
		`{"Ref":"Alias1"}`:                   `"arn:aws:lambda:us-east-1:000000000000:function:mayfly-local-one:live"`,
		`{"Ref":"Machine1"}`:                 `"arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-local-release"`,
		`{"Ref":"MachineAlias"}`:             `"arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-local-release:live"`,
		`{"Fn::GetAtt":["Bucket1","Arn"]}`:   `"arn:aws:s3:::uploads-local-000000000000"`,
		`{"Ref":"Bucket1"}`:                  `"uploads-local-000000000000"`,
		`{"Fn::Sub":"${Bucket1.Arn}/${!x}"}`: `"arn:aws:s3:::uploads-local-000000000000/${x}"`,
		`{"Fn::Sub":["${a}-${AWS::Region}",{"a":{"Ref":"Stage"}}]}`: `"local-us-east-1"`,
		`{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"Machine1"}]}]}`: `"mayfly-local-release"`,
		`["x",{"Ref":"AWS::NoValue"}]`:                              `["x"]`,
		`{"Fn::Join":["/",["a",{"Ref":"AWS::StackName"}]]}`:         `"a/mayfly-local"`,
	} {
		roles, err := template.Roles([]byte(stack(resource)), here)
		if err != nil {
			t.Errorf("%s: %v", resource, err)
			continue
		}
		document := string(roles[0].Documents[1])
		if !strings.Contains(document, `"Resource":`+want) {
			t.Errorf("%s came to %s, want %s", resource, document, want)
		}
	}
}

func TestARoleIsWhoseTakesItOn(t *testing.T) {
	roles, err := template.Roles([]byte(stack(`"*"`)), here)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, role := range roles {
		got[role.LogicalID] = role.For + " " + role.Kind
	}
	for id, want := range map[string]string{"Role1": "mayfly-local-one AWS::Lambda::Function", "Role2": "mayfly-local-release AWS::StepFunctions::StateMachine", "Role3": " "} {
		if got[id] != want {
			t.Errorf("%s is of %q, want %q", id, got[id], want)
		}
	}
	var managed struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal(roles[0].Documents[0], &managed); err != nil || len(managed.Statement[0].Action) != 3 {
		t.Errorf("the managed policy came to %s, %v", roles[0].Documents[0], err)
	}
}

func TestWhatIsNotKnownIsNotGuessed(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":                    `{`,
		"an unknown function":        stack(`{"Fn::ImportValue":"x"}`),
		"nothing of that name":       stack(`{"Ref":"Nothing"}`),
		"nothing with an attribute":  stack(`{"Fn::GetAtt":["Nothing","Arn"]}`),
		"an unknown attribute":       stack(`{"Fn::GetAtt":["Table1","StreamArn"]}`),
		"an ARN of an unknown type":  stack(`{"Fn::GetAtt":["Odd","Arn"]}`),
		"an item that is not there":  stack(`{"Fn::Select":[9,["a"]]}`),
		"a join of no texts":         stack(`{"Fn::Join":["",[["a"]]]}`),
		"a split without separator":  stack(`{"Fn::Split":["","a"]}`),
		"one argument":               stack(`{"Fn::Join":["a"]}`),
		"a reference in a text":      stack(`{"Fn::Sub":"${Nothing}"}`),
		"a policy that is not known": strings.Replace(stack(`"*"`), "AWSLambdaBasicExecutionRole", "AdministratorAccess", 1),
		"a policy of no role":        strings.Replace(stack(`"*"`), `"Roles":[{"Ref":"Role1"}]`, `"Roles":[{"Ref":"Role9"}]`, 1),
		"a function of no role":      strings.Replace(stack(`"*"`), `"Role":{"Fn::GetAtt":["Role1","Arn"]}`, `"Role":"arn:aws:iam::000000000000:role/other"`, 1),
		"a role of two":              strings.Replace(stack(`"*"`), `"Role2","Arn"`, `"Role1","Arn"`, 1),
	} {
		if roles, err := template.Roles([]byte(text), here); err == nil {
			t.Errorf("%s: read as %d roles", name, len(roles))
		}
	}
}

func FuzzRoles(f *testing.F) {
	f.Add(stack(`{"Fn::Sub":["${a}",{"a":{"Fn::Select":["0",{"Fn::Split":["-","a-b"]}]}}]}`))
	f.Fuzz(func(t *testing.T, text string) {
		roles, err := template.Roles([]byte(text), here)
		if err != nil {
			return
		}
		for _, role := range roles {
			for _, document := range role.Documents {
				if !json.Valid(document) {
					t.Errorf("role %s has %q", role.LogicalID, document)
				}
			}
		}
	})
}
