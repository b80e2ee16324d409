package settings_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestTargetsAreNamedByTheirARNs(t *testing.T) {
	s, err := settings.Parse(map[string]any{
		"mayfly:ecsServices": "arn:aws:ecs:us-east-1:111122223333:service/staging/shop,arn:aws:ecs:us-east-1:111122223333:service/preview/*",
		"mayfly:ecsRoles":    "arn:aws:iam::111122223333:role/tasks/shop", "mayfly:eksClusters": []any{"arn:aws:eks:us-east-1:111122223333:cluster/apps"},
		"mayfly:lambdaFunctions": "arn:aws:lambda:us-east-1:111122223333:function:shop-*",
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	const want = "ecs:staging/shop,ecs:preview/*,eks:apps,lambda:shop-*"
	if got := s.Targets.Text(); got != want {
		t.Errorf("the API is told %q, want %q", got, want)
	}
	if targets, err := sandbox.ParseTargets(want); err != nil || len(targets) != 4 {
		t.Errorf("it reads %v, %v", targets, err)
	}
	if none := (settings.Targets{}).Text(); none != "" {
		t.Errorf("without targets it is told %q", none)
	}
}

func TestTargetsThatCantWorkAreRefused(t *testing.T) {
	for _, c := range []struct{ key, value, says string }{
		{"ecsServices", "shop", "must be ARNs such as arn:aws:ecs:"},
		{"ecsServices", "arn:aws:ecs:us-east-1:111122223333:service/shop", "service/CLUSTER/SERVICE"},
		{"ecsServices", "arn:aws:ecs:eu-west-1:111122223333:service/staging/shop", "must be in us-east-1"},
		{"ecsServices", "*", "must be ARNs"},
		{"ecsRoles", "arn:aws:iam::111122223333:role/*", "any role of the account"},
		{"ecsRoles", "arn:aws:iam::111122223333:role/tasks", "without mayfly:ecsServices"},
		{"ecsRoles", "arn:aws:iam::111122223333:user/ada", "must be ARNs"},
		{"eksClusters", "arn:aws:eks:us-east-1:111122223333:nodegroup/apps", "must be ARNs"},
		{"lambdaFunctions", "arn:aws:lambda:us-east-1:111122223333:function:shop:live", "must be ARNs"},
	} {
		if _, err := settings.Parse(map[string]any{"mayfly:" + c.key: c.value}, now); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "mayfly:"+c.key) {
			t.Errorf("%s=%s: %v", c.key, c.value, err)
		}
	}
}
