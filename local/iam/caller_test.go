package iam_test

import (
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
