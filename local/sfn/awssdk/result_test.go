package awssdk

import "testing"

func TestAResultIsHeldToTheClientsTypes(t *testing.T) {
	const invalid = "Mock result schema validation error: "
	for _, c := range []struct {
		service, action, result string
		strict                  bool
		want                    string // "" for nothing
	}{
		{"s3", "getObject", `{"ContentLength":"9000"}`, true, "Field 'ContentLength' must be a number"},
		{"s3", "getObject", `{"StorageClass":"Papyrus"}`, false, "Field 'StorageClass' is not an expected value"},
		{"s3", "getObject", `{"StorageClass":"STANDARD","Body":"text","LastModified":"2026-01-02T03:04:05Z","Metadata":{"k":"v"},"ETag":"e","DeleteMarker":false}`, true, ""},
		{"s3", "getObject", `{"Body":{}}`, true, "Field 'Body' must be a string"},
		{"s3", "getObject", `{"Metadata":{"k":7}}`, true, "Field 'k' must be a string"},
		{"s3", "getObject", `{"DeleteMarker":"no"}`, true, "Field 'DeleteMarker' must be a boolean"},
		{"s3", "listObjectsV2", `{"Contents":[{"Key":"k","Size":1,"SomethingNew":7},{"Size":"2"}]}`, true, "Field 'Size' must be a number"},
		{"s3", "listObjectsV2", `{"Contents":{}}`, true, "Field 'Contents' must be an array"},
		{"sfn", "startExecution", `{"startDate":"2026-01-02"}`, true, "Required field 'ExecutionArn' is missing"},
		{"sfn", "startExecution", `{"startDate":7}`, false, ""},
		{"sfn", "listExecutions", `{"Executions":[{"ExecutionArn":"e"}]}`, true, "Required field 'Name' is missing"},
		{"sfn", "listExecutions", `{"Executions":[{"ExecutionArn":"e","Status":null}]}`, false, ""},
		{"lambda", "getFunction", `{"Configuration":{"MemorySize":127}}`, true, ""}, // its range is in no type
		{"dynamodb", "getItem", `{"Item":{"a":{"S":"x"},"b":{"M":{"c":{"N":"1"}}},"d":{"Nul":true},"e":{"L":[{"Ss":["x"]}]}}}`, true, ""},
		{"dynamodb", "getItem", `{"Item":{"a":"x"}}`, true, "Field 'a' must be an object"},
		{"dynamodb", "getItem", `{"Item":{"b":{"M":{"c":{"N":1}}}}}`, true, "Field 'N' must be a string"},
		{"dynamodb", "putItem", `{"ConsumedCapacity":{"CapacityUnits":"123.45"}}`, false, "Field 'CapacityUnits' must be a number"},
		{"cloudfront", "getDistribution", `{"Distribution":{}}`, true, "Required field 'Arn' is missing"},
		{"ecr", "describeRepositories", `{"Repositories":[{"RepositoryName":"r","ImageTagMutability":"NEVER"}]}`, false, "Field 'ImageTagMutability' is not an expected value"},
		{"ecrpublic", "describeRegistries", `{}`, true, "Required field 'Registries' is missing"},
		{"sts", "getCallerIdentity", `{"Account":"1"}`, true, ""},
	} {
		want := c.want
		if want != "" {
			want = invalid + want
		}
		if got := find(t, c.service, c.action).CheckResult([]byte(c.result), c.strict); got != want {
			t.Errorf("%s %s: %s, want %s", c.action, c.result, got, want)
		}
	}
	o := find(t, "lambda", "invoke")
	if fault := o.CheckResult([]byte(`{"Payload":{"a":1},"StatusCode":200}`), true, "Payload"); fault != "" {
		t.Errorf("a payload that may be anything: %s", fault)
	}
	if o.AsAPI().CheckResult([]byte(`{"Payload":{"a":1}}`), true) == "" {
		t.Error("a payload that is no string")
	}
	for _, document := range []string{`[]`, `7`, `null`, `{`} {
		if o.CheckResult([]byte(document), false) == "" {
			t.Errorf("%s is a result", document)
		}
	}
}
