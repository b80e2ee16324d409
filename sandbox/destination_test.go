package sandbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func toECS(cluster, service, container string) events.DeploySpec {
	return events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: cluster, Service: service, Container: container}}
}

func toEKS(cluster, namespace, deployment, container string) events.DeploySpec {
	return events.DeploySpec{Target: events.TargetEKS, EKS: &events.EKSTarget{Cluster: cluster, Namespace: namespace, Deployment: deployment, Container: container}}
}

func toLambda(function, alias string) events.DeploySpec {
	return events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: function, Alias: alias}}
}

func TestADestinationIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]events.DeploySpec{
		"site":                        {Target: events.TargetSite},
		"none":                        {Target: events.TargetNone},
		"ecs:staging/shop":            toECS("staging", "shop", ""),
		"ecs:staging/shop/web":        toECS("staging", "shop", "web"),
		"eks:apps/default/shop":       toEKS("apps", "default", "shop", ""),
		"eks:apps/team-a/shop.v1/web": toEKS("apps", "team-a", "shop.v1", "web"),
		"lambda:shop/live":            toLambda("shop", "live"),
	} {
		got, err := sandbox.ParseDestination(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" || got.Destination() != text {
			t.Errorf("%s: %v, written again as %s: -want +got\n%s", text, err, got.Destination(), diff)
		}
	}
	if got, err := sandbox.ParseDestination("lambda:shop"); err != nil || sandbox.Defaults(events.Spec{Deploy: got}).Deploy.Destination() != "lambda:shop/live" {
		t.Errorf("without an alias: %+v, %v", got, err)
	}
	for _, text := range []string{"", "ecs", "eks", "lambda", "ecs:", "ecs:a", "ecs:a/", "ecs:/a", "ecs:a/b/c/d", "eks:a/b", "eks:a/b/c/d/e", "lambda:", "lambda:a/b/c", "lambda:a/", "site:a", "none:", "moon:a"} {
		_, err := sandbox.ParseDestination(text)
		var field *sandbox.FieldError
		if !errors.As(err, &field) || field.Field != "deploy" || field.Value != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheDestinationFollowsAWSsRules(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	with := func(deploy events.DeploySpec, change func(*events.DeploySpec)) events.DeploySpec {
		change(&deploy)
		return deploy
	}
	for name, c := range map[string]struct {
		deploy events.DeploySpec
		fields []string
	}{
		"a service of ECS":           {toECS("Staging_1", long(255), "web"), nil},
		"a Deployment":               {toEKS(long(100), long(63), "a.b-c", ""), nil},
		"a function":                 {toLambda(long(64), "1a"), nil},
		"defaults":                   {with(toLambda("f", ""), func(d *events.DeploySpec) {}), nil},
		"no names of ECS":            {toECS("", "", ""), []string{"deploy.ecs.cluster", "deploy.ecs.service"}},
		"an ARN":                     {toECS("arn:aws:ecs:us-east-1:111122223333:cluster/a", "b", ""), []string{"deploy.ecs.cluster"}},
		"long names of ECS":          {toECS(long(256), long(256), long(256)), []string{"deploy.ecs.cluster", "deploy.ecs.service", "deploy.ecs.container"}},
		"names that EKS refuses":     {toEKS("-a", "A", "a..b", "a_b"), []string{"deploy.eks.cluster", "deploy.eks.namespace", "deploy.eks.deployment", "deploy.eks.container"}},
		"long names of EKS":          {toEKS(long(101), long(64), long(254), long(64)), []string{"deploy.eks.cluster", "deploy.eks.namespace", "deploy.eks.deployment", "deploy.eks.container"}},
		"an alias that is a version": {toLambda("f", "12"), []string{"deploy.lambda.alias"}},
		"a version of a function":    {toLambda("f:1", "$LATEST"), []string{"deploy.lambda.function", "deploy.lambda.alias"}},
		"long names of Lambda":       {toLambda(long(65), long(129)), []string{"deploy.lambda.function", "deploy.lambda.alias"}},
		"a target without its part":  {events.DeploySpec{Target: events.TargetECS}, []string{"deploy.ecs"}},
		"a part without its target":  {with(toECS("a", "b", ""), func(d *events.DeploySpec) { d.Target = events.TargetNone }), []string{"deploy.ecs"}},
		"two parts":                  {with(toECS("a", "b", ""), func(d *events.DeploySpec) { d.Lambda = &events.LambdaTarget{Function: "f"} }), []string{"deploy.lambda"}},
	} {
		spec := sandbox.Defaults(events.Spec{Deploy: c.deploy, Delivery: events.DeliveryNone})
		wantFields(t, name, spec, c.fields...)
	}
	// A sandbox has one thing that its releases go to, and pushes must be told of.
	wantFields(t, "a site beside", sandbox.Defaults(events.Spec{Deploy: toLambda("f", ""), Delivery: events.DeliveryCloudFront}), "delivery")
	wantFields(t, "a public repository", sandbox.Defaults(events.Spec{Deploy: toLambda("f", ""), Repository: events.RepositorySpec{Visibility: events.VisibilityPublic}}), "deploy.target")
	if spec := sandbox.Defaults(events.Spec{Deploy: toEKS("c", "", "d", "")}); spec.Delivery != events.DeliveryNone || spec.Deploy.EKS.Namespace != "default" {
		t.Errorf("defaults %+v", spec)
	}
	given := toLambda("f", "")
	if sandbox.Defaults(events.Spec{Deploy: given}); given.Lambda.Alias != "" {
		t.Error("the defaults are written into what was given")
	}
}

func wantFields(t *testing.T, name string, spec events.Spec, want ...string) {
	t.Helper()
	var all sandbox.FieldErrors
	errors.As(sandbox.CheckSpec(spec), &all)
	var fields []string
	for _, one := range all {
		fields = append(fields, one.Field)
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("%s: -want +got\n%s", name, diff)
	}
}

func TestOnlyNamedTargetsAreDeployedTo(t *testing.T) {
	targets, err := sandbox.ParseTargets("ecs:staging/shop, ecs:preview/pr-*,eks:apps,lambda:shop-*")
	if err != nil || len(targets) != 4 {
		t.Fatalf("%v, %v", targets, err)
	}
	for _, deploy := range []events.DeploySpec{
		toECS("staging", "shop", "web"), toECS("preview", "pr-1", ""), toEKS("apps", "any", "thing", ""), toLambda("shop-a", "live"),
		{Target: events.TargetSite}, {Target: events.TargetNone},
	} {
		if err := targets.Check(deploy); err != nil {
			t.Errorf("%s: %v", deploy.Destination(), err)
		}
	}
	for field, deploy := range map[string]events.DeploySpec{
		"deploy.ecs": toECS("staging", "shop2", ""), "deploy.eks": toEKS("apps2", "default", "d", ""), "deploy.lambda": toLambda("shop", "live"),
	} {
		var refused *sandbox.FieldError
		if err := targets.Check(deploy); !errors.As(err, &refused) || refused.Field != field || !strings.Contains(refused.Rule, "may deploy to: ") {
			t.Errorf("%s: %v", deploy.Destination(), err)
		}
		if err := sandbox.Targets(nil).Check(deploy); !errors.As(err, &refused) || !strings.Contains(refused.Rule, "none of") {
			t.Errorf("%s where nothing is named: %v", deploy.Destination(), err)
		}
	}
	if targets, err := sandbox.ParseTargets(" "); err != nil || targets != nil {
		t.Errorf("nothing: %v, %v", targets, err)
	}
	for _, text := range []string{"ecs:a", "ecs:a/b/c", "eks:a/b", "lambda:", "site:a", "a", "ecs:/b", "lambda:a b", "lambda:[a"} {
		if _, err := sandbox.ParseTargets(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
