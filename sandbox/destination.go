package sandbox

import (
	"regexp"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/pattern"
)

// The values that an empty field of a target stands for.
const (
	DefaultNamespace = "default"
	DefaultAlias     = "live"
)

// The names of what images are deployed to, by the rules of ECS, EKS,
// Kubernetes and Lambda.
var (
	ecsName       = nameRule{pattern.Of(`^[A-Za-z0-9_-]{1,255}$`), "1 to 255 letters, digits, hyphens and underscores"}
	eksCluster    = nameRule{pattern.Of(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`), "1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit"}
	dnsLabel      = nameRule{pattern.Of(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`), "1 to 63 of a-z, 0-9 and hyphen, no hyphen first or last"}
	dnsSubdomain  = nameRule{pattern.Of(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`), "1 to 253 of a-z, 0-9, hyphen and dot, where each part begins and ends with a letter or digit"}
	functionName  = nameRule{pattern.Of(`^[A-Za-z0-9_-]{1,64}$`), "1 to 64 letters, digits, hyphens and underscores"}
	functionAlias = nameRule{pattern.Of(`^[0-9]*[A-Za-z_-][A-Za-z0-9_-]{0,127}$`), "1 to 128 letters, digits, hyphens and underscores, and no number"}
)

type nameRule struct {
	pattern func() *regexp.Regexp
	text    string
}

// destinationForms are the forms of a destination, as ParseDestination reads
// them.
const destinationForms = "site, none, ecs:CLUSTER/SERVICE, eks:CLUSTER/NAMESPACE/DEPLOYMENT (both with /CONTAINER when there are several) or lambda:FUNCTION (with /ALIAS for another than live)"

// ParseDestination reads what [events.DeploySpec.Destination] writes; a
// Lambda function's alias may be left out. It returns a *FieldError for
// anything else; that the names are right, CheckSpec says.
func ParseDestination(text string) (events.DeploySpec, error) {
	kind, rest, named := strings.Cut(text, ":")
	spec, names := events.DeploySpec{Target: events.Target(kind)}, strings.Split(rest, "/")
	wrong := &FieldError{Field: "deploy", Rule: destinationForms, Value: text}
	if !named {
		if text != "" && !spec.Target.Service() {
			return spec, nil
		}
		return events.DeploySpec{}, wrong
	}
	least, most := map[events.Target]int{events.TargetECS: 2, events.TargetEKS: 3, events.TargetLambda: 1}[spec.Target], 0
	if least > 0 {
		most = least + 1
	}
	if len(names) < least || len(names) > most {
		return events.DeploySpec{}, wrong
	}
	for _, name := range names {
		if name == "" {
			return events.DeploySpec{}, wrong
		}
	}
	names = append(names, "") // what may be left out
	switch spec.Target {
	case events.TargetECS:
		spec.ECS = &events.ECSTarget{Cluster: names[0], Service: names[1], Container: names[2]}
	case events.TargetEKS:
		spec.EKS = &events.EKSTarget{Cluster: names[0], Namespace: names[1], Deployment: names[2], Container: names[3]}
	case events.TargetLambda:
		spec.Lambda = &events.LambdaTarget{Function: names[0], Alias: names[1]}
	}
	return spec, nil
}

// destinationDefaults fills in what is empty of a target; spec's own parts
// stay as they are.
func destinationDefaults(spec events.DeploySpec) events.DeploySpec {
	if spec.EKS != nil && spec.EKS.Namespace == "" {
		filled := *spec.EKS
		filled.Namespace = DefaultNamespace
		spec.EKS = &filled
	}
	if spec.Lambda != nil && spec.Lambda.Alias == "" {
		filled := *spec.Lambda
		filled.Alias = DefaultAlias
		spec.Lambda = &filled
	}
	return spec
}

// checkDestination reports every rule that a spec breaks in where images go.
func checkDestination(spec events.Spec, wrong func(field, value, rule string)) {
	deploy := spec.Deploy
	name := func(field, value string, rule nameRule) {
		if !rule.pattern().MatchString(value) || rule.text == dnsSubdomain.text && len(value) > 253 {
			wrong("deploy."+field, value, rule.text)
		}
	}
	optional := func(field, value string, rule nameRule) {
		if value != "" {
			name(field, value, rule)
		}
	}
	for _, part := range []struct {
		target events.Target
		given  bool
		check  func()
	}{
		{events.TargetECS, deploy.ECS != nil, func() {
			name("ecs.cluster", deploy.ECS.Cluster, ecsName)
			name("ecs.service", deploy.ECS.Service, ecsName)
			optional("ecs.container", deploy.ECS.Container, ecsName)
		}},
		{events.TargetEKS, deploy.EKS != nil, func() {
			name("eks.cluster", deploy.EKS.Cluster, eksCluster)
			name("eks.namespace", deploy.EKS.Namespace, dnsLabel)
			name("eks.deployment", deploy.EKS.Deployment, dnsSubdomain)
			optional("eks.container", deploy.EKS.Container, dnsLabel)
		}},
		{events.TargetLambda, deploy.Lambda != nil, func() {
			name("lambda.function", deploy.Lambda.Function, functionName)
			name("lambda.alias", deploy.Lambda.Alias, functionAlias)
		}},
	} {
		switch wanted := deploy.Target == part.target; {
		case part.given && !wanted:
			wrong("deploy."+string(part.target), "", "left out unless deploy.target is "+string(part.target))
		case wanted && !part.given:
			wrong("deploy."+string(part.target), "", "given: it says what to deploy to")
		case wanted:
			part.check()
		}
	}
	if !deploy.Target.Service() {
		return
	}
	if spec.Delivery != events.DeliveryNone {
		wrong("delivery", string(spec.Delivery), "none with deploy.target "+string(deploy.Target)+": a sandbox has one thing that its releases go to")
	}
	if spec.Repository.Visibility != events.VisibilityPrivate {
		wrong("deploy.target", string(deploy.Target), "none unless the repository is private: AWS tells of no push to a public one")
	}
}

// RolloutTo returns what the record of a release that goes to a destination
// begins with; nil when it goes to the sandbox's own site.
func RolloutTo(deploy events.DeploySpec) *events.Rollout {
	deploy = destinationDefaults(deploy)
	to := &events.Rollout{Target: deploy.Target}
	switch {
	case deploy.Target == events.TargetECS && deploy.ECS != nil:
		to.ECS = &events.ECSRollout{ECSTarget: *deploy.ECS}
	case deploy.Target == events.TargetEKS && deploy.EKS != nil:
		to.EKS = &events.EKSRollout{EKSTarget: *deploy.EKS}
	case deploy.Target == events.TargetLambda && deploy.Lambda != nil:
		to.Lambda = &events.LambdaRollout{LambdaTarget: *deploy.Lambda}
	default:
		return nil
	}
	return to
}
