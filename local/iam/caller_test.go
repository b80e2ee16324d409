package iam_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/iam"
)

func TestThePrincipalOfASessionIsItsRole(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:sts::000000000000:assumed-role/ci/build-7": "arn:aws:iam::000000000000:role/ci",
		"arn:aws:iam::000000000000:user/ada":                "arn:aws:iam::000000000000:user/ada",
		"":                                                  "",
	} {
		if got := (iam.Caller{ARN: arn}).PrincipalARN(); got != want {
			t.Errorf("%q is %q, want %q", arn, got, want)
		}
	}
	if got := iam.RootCaller("000000000000").PrincipalARN(); got != "arn:aws:iam::000000000000:root" {
		t.Errorf("the root is %q", got)
	}
}

// TestACallerOfARole is allowed what its policies say of a resource by the name
// that it has for them, and whoever listens is told.
func TestACallerOfARole(t *testing.T) {
	var told []iam.Asked
	who, err := iam.RoleCaller("arn:aws:sts::000000000000:assumed-role/one/s", []string{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:Do","Resource":"there/*"}]}`},
		func(arn string) string { return strings.Replace(arn, "here", "there", 1) }, func(a iam.Asked) { told = append(told, a) })
	if err != nil {
		t.Fatal(err)
	}
	for resource, want := range map[string]bool{"here/x": true, "elsewhere/x": false} {
		told = nil
		if got := who.May("a:Do", resource, nil, nil); got.Allowed != want {
			t.Errorf("%s: %+v", resource, got)
		}
		if len(told) != 1 || told[0].Action != "a:Do" || told[0].Answer.Allowed != want || told[0].Resource != strings.Replace(resource, "here", "there", 1) {
			t.Errorf("%s: told of %+v", resource, told)
		}
	}
	if !who.Installed() || iam.RootCaller("000000000000").Installed() {
		t.Error("who is of the installation is not known")
	}
	if _, err := iam.RoleCaller("arn", []string{`{}`}, nil, nil); err == nil {
		t.Error("a role without a policy that can be read was made")
	}
}
