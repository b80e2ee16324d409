package settings

import (
	"fmt"
	"regexp"
	"strings"
)

// Targets are the services that images may be deployed to, by their ARNs, in
// whose names * stands for any characters. Without any, the installation has
// rights on none.
type Targets struct {
	// ECSServices are services of ECS, and ECSRoles the roles that their tasks
	// run with, which whoever registers a task definition hands on.
	ECSServices, ECSRoles []string
	// EKSClusters are clusters of EKS.
	EKSClusters []string
	// LambdaFunctions are Lambda functions whose package type is Image.
	LambdaFunctions []string
}

func (r *reader) targets() Targets {
	return Targets{
		ECSServices: r.list("ecsServices"), ECSRoles: r.list("ecsRoles"), EKSClusters: r.list("eksClusters"), LambdaFunctions: r.list("lambdaFunctions"),
	}
}

// The ARNs of targets. A role may be in a path.
var (
	ecsServiceARN = regexp.MustCompile(`^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:service/([A-Za-z0-9_*-]+/[A-Za-z0-9_*-]+)$`)
	ecsRoleARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:(role/[A-Za-z0-9+=,.@_/*-]+)$`)
	eksClusterARN = regexp.MustCompile(`^arn:aws[a-z-]*:eks:[a-z0-9-]+:[0-9]{12}:cluster/([A-Za-z0-9_*-]+)$`)
	functionARN   = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:([A-Za-z0-9_*-]+)$`)
)

func (t Targets) check(region string) []error {
	var errs []error
	for _, one := range []struct {
		key     string
		arns    []string
		pattern *regexp.Regexp
		like    string
	}{
		{"ecsServices", t.ECSServices, ecsServiceARN, "arn:aws:ecs:us-east-1:111122223333:service/CLUSTER/SERVICE"},
		{"ecsRoles", t.ECSRoles, ecsRoleARN, "arn:aws:iam::111122223333:role/NAME"},
		{"eksClusters", t.EKSClusters, eksClusterARN, "arn:aws:eks:us-east-1:111122223333:cluster/NAME"},
		{"lambdaFunctions", t.LambdaFunctions, functionARN, "arn:aws:lambda:us-east-1:111122223333:function:NAME"},
	} {
		for _, arn := range one.arns {
			parts := strings.Split(arn, ":")
			switch {
			case !one.pattern.MatchString(arn):
				errs = append(errs, fmt.Errorf("context mayfly:%s %q: must be ARNs such as %s", one.key, arn, one.like))
			case parts[3] != "" && parts[3] != region:
				errs = append(errs, fmt.Errorf("context mayfly:%s %q: must be in %s, where the installation is", one.key, arn, region))
			case strings.HasSuffix(arn, ":role/*"):
				errs = append(errs, fmt.Errorf("context mayfly:%s %q: any role of the account could be handed on; name those of the tasks", one.key, arn))
			}
		}
	}
	if len(t.ECSRoles) > 0 && len(t.ECSServices) == 0 {
		errs = append(errs, fmt.Errorf("context mayfly:ecsRoles without mayfly:ecsServices: name the services whose tasks run with them"))
	}
	return errs
}

// Text returns the targets as sandbox.ParseTargets reads them; "" for none.
func (t Targets) Text() string {
	var all []string
	for _, one := range []struct {
		kind    string
		arns    []string
		pattern *regexp.Regexp
	}{
		{"ecs", t.ECSServices, ecsServiceARN}, {"eks", t.EKSClusters, eksClusterARN}, {"lambda", t.LambdaFunctions, functionARN},
	} {
		for _, arn := range one.arns {
			if match := one.pattern.FindStringSubmatch(arn); match != nil {
				all = append(all, one.kind+":"+match[1])
			}
		}
	}
	return strings.Join(all, ",")
}
