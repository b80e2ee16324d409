package sandbox

import (
	"fmt"
	"path"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
)

// Targets are the services that an installation may deploy to, beside its own
// sites: what its rights are for.
type Targets []Target

// Target is one of them: "ecs:CLUSTER/SERVICE", "eks:CLUSTER" or
// "lambda:FUNCTION", where * in a name stands for any characters of it.
type Target struct {
	kind events.Target
	name string
}

// ParseTargets reads targets that are separated by commas; without any, an
// installation deploys to its sites alone.
func ParseTargets(text string) (Targets, error) {
	var all Targets
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		kind, name, _ := strings.Cut(one, ":")
		slashes := map[events.Target]int{events.TargetECS: 1, events.TargetEKS: 0, events.TargetLambda: 0}
		if want, ok := slashes[events.Target(kind)]; !ok || strings.Count(name, "/") != want || !targetPattern(name) {
			return nil, fmt.Errorf("target %q: must be ecs:CLUSTER/SERVICE, eks:CLUSTER or lambda:FUNCTION, in whose names * stands for any characters", one)
		}
		all = append(all, Target{events.Target(kind), name})
	}
	return all, nil
}

// targetPattern reports whether each part of a name has letters, digits,
// hyphens, underscores and * alone, and at least one of them.
func targetPattern(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if !ecsName.pattern().MatchString(strings.ReplaceAll(part, "*", "_")) {
			return false
		}
	}
	return true
}

// Check returns a *FieldError when a spec names something that is not among
// the targets.
func (t Targets) Check(deploy events.DeploySpec) error {
	name := ""
	switch {
	case deploy.Target == events.TargetECS && deploy.ECS != nil:
		name = deploy.ECS.Cluster + "/" + deploy.ECS.Service
	case deploy.Target == events.TargetEKS && deploy.EKS != nil:
		name = deploy.EKS.Cluster
	case deploy.Target == events.TargetLambda && deploy.Lambda != nil:
		name = deploy.Lambda.Function
	default:
		return nil
	}
	var known []string
	for _, target := range t {
		if target.kind != deploy.Target {
			continue
		}
		if matched, err := path.Match(target.name, name); err == nil && matched {
			return nil
		}
		known = append(known, target.name)
	}
	rule := fmt.Sprintf("one that this installation may deploy to, which is none of %s", serviceNames[deploy.Target])
	if len(known) > 0 {
		rule = "one that this installation may deploy to: " + strings.Join(known, ", ")
	}
	return &FieldError{Field: "deploy." + string(deploy.Target), Value: name, Rule: rule + fmt.Sprintf(" (more are named in the stack's settings or, on one machine, by mayfly local --%s-endpoint; see docs/deploy.md)", deploy.Target)}
}

var serviceNames = map[events.Target]string{events.TargetECS: "ECS", events.TargetEKS: "EKS", events.TargetLambda: "Lambda"}
