package main

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// TestRightsOnTargetsAreOnThoseThatAreNamed: everything that changes something
// is on a named resource, or under a condition.
func TestRightsOnTargetsAreOnThoseThatAreNamed(t *testing.T) {
	if none := targetRights(settings.Targets{}); len(none) != 0 {
		t.Errorf("without targets there are rights: %v", none)
	}
	named := settings.Targets{
		ECSServices: []string{"arn:aws:ecs:us-east-1:111122223333:service/staging/shop"}, ECSRoles: []string{"arn:aws:iam::111122223333:role/shop"},
		EKSClusters:     []string{"arn:aws:eks:us-east-1:111122223333:cluster/apps"},
		LambdaFunctions: []string{"arn:aws:lambda:us-east-1:111122223333:function:shop"},
	}
	for step, all := range targetRights(named) {
		if _, said := rights()[step]; !said {
			t.Errorf("%s is no function", step)
		}
		for _, r := range all {
			for _, action := range r.actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s may do %s", step, action)
				}
				reads := strings.Contains(action, ":Describe") || strings.Contains(action, ":List")
				if r.resources[0] == "*" && !reads && r.conditions == nil {
					t.Errorf("%s may %s everything", step, action)
				}
			}
		}
	}
}
