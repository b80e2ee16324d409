package roles_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/roles"
)

func TestTheGeneratedRolesAreWhole(t *testing.T) {
	r, err := roles.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api", "createbucket", "forget"} {
		if len(r.Functions[name]) == 0 {
			t.Errorf("the function %s has no policy", name)
		}
	}
	for _, name := range []string{"provision", "release", "teardown", "deploy"} {
		if len(r.Machines[name]) == 0 {
			t.Errorf("the machine %s has no policy", name)
		}
	}
	grants, err := r.Grants()
	if err != nil {
		t.Fatal(err)
	}
	for _, grant := range grants {
		if strings.Contains(grant.Action, "*") || len(grant.Resources) == 0 {
			t.Errorf("a wildcard, or no resource: %s", grant)
		}
	}
}

func TestFromTemplateWantsTheStage(t *testing.T) {
	text := func(name string) string {
		return `{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{}},
			"F":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"` + name + `","Role":{"Fn::GetAtt":["R","Arn"]}}}}}`
	}
	r, err := roles.FromTemplate([]byte(text("mayfly-local-record")))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Functions["record"]; !ok {
		t.Errorf("roles of %v", r.Functions)
	}
	if _, err := roles.FromTemplate([]byte(text("mayfly-prod-record"))); err == nil || !strings.Contains(err.Error(), "mayfly-prod-record") {
		t.Errorf("of another stage: %v", err)
	}
	if _, err := roles.FromTemplate([]byte(`{`)); err == nil {
		t.Error("no template was read")
	}
}

func TestResourcesAreNamedAsDeployed(t *testing.T) {
	here := roles.Local{Prefix: "mayfly-", UploadBucket: "mayfly-uploads-000000000000", Table: "mayfly"}
	for arn, want := range map[string]string{
		"*":                       "*",
		"arn:aws:s3:::mayfly-a-1": "arn:aws:s3:::mayfly-a-1",
		"arn:aws:s3:::mayfly-uploads-000000000000":                           "arn:aws:s3:::uploads-mayfly-local-000000000000-us-east-1",
		"arn:aws:s3:::mayfly-uploads-000000000000/uploads/a/b:c":             "arn:aws:s3:::uploads-mayfly-local-000000000000-us-east-1/uploads/a/b:c",
		"arn:aws:dynamodb:us-east-1:000000000000:table/mayfly/index/byname":  "arn:aws:dynamodb:us-east-1:000000000000:table/mayfly-local-sandboxes/index/byname",
		"arn:aws:dynamodb:us-east-1:000000000000:table/mayflies":             "arn:aws:dynamodb:us-east-1:000000000000:table/mayflies",
		"arn:aws:ecr:us-east-1:000000000000:repository/team/app":             "arn:aws:ecr:us-east-1:000000000000:repository/mayfly-local/team/app",
		"arn:aws:lambda:us-east-1:000000000000:function:mayfly-record:3":     "arn:aws:lambda:us-east-1:000000000000:function:mayfly-local-record:3",
		"arn:aws:lambda:us-east-1:000000000000:function:others":              "arn:aws:lambda:us-east-1:000000000000:function:others",
		"arn:aws:states:us-east-1:000000000000:execution:mayfly-release:r-1": "arn:aws:states:us-east-1:000000000000:execution:mayfly-local-release:r-1",
		"arn:aws:cloudfront::000000000000:distribution/E1":                   "arn:aws:cloudfront::000000000000:distribution/E1",
	} {
		if got := here.Deployed(arn); got != want {
			t.Errorf("%s is deployed as %s, want %s", arn, got, want)
		}
	}
}

func TestAProof(t *testing.T) {
	r, err := roles.FromTemplate([]byte(`{"Resources":{
		"R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyDocument":{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::mayfly-*/*"},
			{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"},
			{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"ecr"}}},
			{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]}}]}},
		"F":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"mayfly-local-one","Role":{"Fn::GetAtt":["R","Arn"]}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	grants, err := r.Grants()
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := roles.ReadReasons("# nothing\n\nfunction * logs:PutLogEvents * Lambda writes them\nfunction one s3:PutObject arn:aws:s3:::mayfly-*/* it will\n~ function one s3:DeleteObject * when it is slower than another\n")
	if err != nil {
		t.Fatal(err)
	}
	const object = "arn:aws:s3:::mayfly-a/k"
	via := iam.NewContext(map[string][]string{"kms:ViaService": {"ecr"}})
	whole := []roles.Use{
		{Role: "function one", Action: "s3:GetObject", Resource: object, Allowed: true, Times: 3},
		{Role: "function one", Action: "kms:CreateGrant", Resource: "k", Context: via, Allowed: true, Times: 1},
	}
	for _, row := range []struct {
		name string
		uses []roles.Use
		want string
	}{
		{"it holds", whole, ""},
		{"a refusal", append([]roles.Use{{Role: "function one", Action: "s3:ListBucket", Resource: "b"}}, whole...), "refused: function one s3:ListBucket on b"},
		{"somebody unknown", append([]roles.Use{{Role: "function two", Action: "s3:GetObject", Resource: object, Allowed: true}}, whole...), "has no role: function two"},
		{"never asked for", whole[1:], "allowed, never asked for, and without a reason: function one s3:GetObject"},
		{"a condition that never held", append([]roles.Use{{Role: "function one", Action: "kms:CreateGrant", Resource: "k", Allowed: true}}, whole[0]), "kms:CreateGrant"},
		{"a reason too many", append([]roles.Use{{Role: "function one", Action: "s3:PutObject", Resource: object, Allowed: true}}, whole...), "not needed any more: function one s3:PutObject"},
	} {
		proof := roles.Prove(grants, row.uses, reasons)
		faults := strings.Join(proof.Faults(), "\n")
		if (row.want == "") != (faults == "") || !strings.Contains(faults, row.want) {
			t.Errorf("%s: %q, want %q", row.name, faults, row.want)
		}
	}
	if got := roles.Prove(grants, whole, reasons).String(); got != "4 calls recorded, 2 distinct; 4 actions allowed, 2 seen, 2 unused with a reason, 0 unused without" {
		t.Error(got)
	}
	if _, err := roles.ReadReasons("function one s3:GetObject *"); err == nil {
		t.Error("a reason without words was read")
	}
}
