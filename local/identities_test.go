package local

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/sts"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// TestEveryStepAndMachineHasARole: what --enforce-iam enforces is generated
// from the CDK app, and so it may be old.
func TestEveryStepAndMachineHasARole(t *testing.T) {
	known, err := newIdentities(nil)
	if err != nil {
		t.Fatal(err)
	}
	steps := append(slices.Collect(maps.Keys(steps{}.handlers())), "api")
	for _, step := range steps {
		if _, ok := known.functions[step]; !ok {
			t.Errorf("the function %s has no role: run make roles", step)
		}
	}
	for step := range known.functions {
		if !slices.Contains(steps, step) {
			t.Errorf("there is a role of %s, which is no function: run make roles", step)
		}
	}
	definitions, err := statemachine.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, definition := range definitions {
		if _, ok := known.machines[machineRole(definition.Name)]; !ok {
			t.Errorf("the machine %s has no role: run make roles", definition.Name)
		}
	}
}

func TestAFunctionIsKnownByItsKeys(t *testing.T) {
	var asked []iam.Asked
	known, err := newIdentities(func(a iam.Asked) { asked = append(asked, a) })
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := sts.OpenSessions(filepath.Join(t.TempDir(), "sts.key"), Account, rand.Reader, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	known.know(sessions, []string{"createbucket", "unheard-of"})
	caller := func(step string) iam.Caller {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+sessions.Keys(step).Access+"/20260504/us-east-1/s3/aws4_request")
		who, err := sessions.Caller(r)
		if err != nil {
			t.Fatal(err)
		}
		return who
	}
	who := caller("createbucket")
	if want := "arn:aws:sts::000000000000:assumed-role/mayfly-createbucket/mayfly-createbucket"; who.ARN != want || who.Root {
		t.Errorf("createbucket is %+v", who)
	}
	for resource, want := range map[string]bool{"arn:aws:s3:::mayfly-a-1": true, "arn:aws:s3:::others": false, "arn:aws:s3:::" + uploadBucket: false} {
		if got := who.May("s3:CreateBucket", resource, nil, nil); got.Allowed != want {
			t.Errorf("createbucket makes %s: %+v", resource, got)
		}
	}
	if len(asked) != 3 || asked[0].Caller != who.ARN || asked[0].Action != "s3:CreateBucket" {
		t.Errorf("asked %+v", asked)
	}
	if unheard := caller("unheard-of"); unheard.Root || unheard.May("s3:ListAllMyBuckets", "*", nil, nil).Allowed {
		t.Errorf("a function without a role is %+v", unheard)
	}
}

func TestAMachineMayCallItsStepsAlone(t *testing.T) {
	known, err := newIdentities(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		machine, action, resource string
		refused                   bool
	}{
		{"provision", "lambda:InvokeFunction", functionARN("createbucket"), false},
		{"provision", "lambda:InvokeFunction", functionARN("createbucket") + ":4", false},
		{"provision", "states:StartExecution", machineARN("teardown"), false},
		{"provision", "lambda:InvokeFunction", functionARN("api"), true},
		{"provision", "states:StartExecution", machineARN("reconcile"), true},
		{"teardown", "lambda:InvokeFunction", functionARN("createbucket"), true},
	} {
		got := known.authorize(asl.Task{RoleARN: machineRole(row.machine)}, row.action, row.resource)
		if (got != "") != row.refused {
			t.Errorf("%s %s %s: %q", row.machine, row.action, row.resource, got)
		}
		if row.refused && (!strings.Contains(got, "assumed-role/mayfly-machine-"+row.machine) || !strings.Contains(got, row.action) || !strings.Contains(got, row.resource)) {
			t.Errorf("%q does not say who, what and on what", got)
		}
	}
	if got := known.authorize(asl.Task{RoleARN: roleARN("anybodys")}, "lambda:InvokeFunction", functionARN("api")); got != "" {
		t.Errorf("a machine of somebody's: %s", got)
	}
}
