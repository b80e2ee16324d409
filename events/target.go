package events

import (
	"slices"
	"strings"
)

// DeploySpec is what a person may choose about what a push does.
type DeploySpec struct {
	// Target is what a pushed image is deployed to: "site" (the default), "ecs",
	// "eks", "lambda", or "none", which deploys nothing.
	Target Target `json:"target"`
	// ECS, EKS and Lambda say where that is: exactly the one that Target names.
	ECS    *ECSTarget    `json:"ecs,omitempty"`
	EKS    *EKSTarget    `json:"eks,omitempty"`
	Lambda *LambdaTarget `json:"lambda,omitempty"`
	// Tags are the rules that say which tags deploy; without any, every tag
	// does. See sandbox.ParseTagRule.
	Tags []string `json:"tags,omitempty"`
}

// Equal reports whether two specs ask for the same.
func (s DeploySpec) Equal(o DeploySpec) bool {
	return s.Target == o.Target && same(s.ECS, o.ECS) && same(s.EKS, o.EKS) && same(s.Lambda, o.Lambda) && slices.Equal(s.Tags, o.Tags)
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// Destination returns where images go, on one line: "site", "none",
// "ecs:CLUSTER/SERVICE", "eks:CLUSTER/NAMESPACE/DEPLOYMENT" (both with
// "/CONTAINER" when one is chosen) or "lambda:FUNCTION/ALIAS".
func (s DeploySpec) Destination() string {
	var parts []string
	switch {
	case s.Target == TargetECS && s.ECS != nil:
		parts = []string{s.ECS.Cluster, s.ECS.Service, s.ECS.Container}
	case s.Target == TargetEKS && s.EKS != nil:
		parts = []string{s.EKS.Cluster, s.EKS.Namespace, s.EKS.Deployment, s.EKS.Container}
	case s.Target == TargetLambda && s.Lambda != nil:
		parts = []string{s.Lambda.Function, s.Lambda.Alias}
	default:
		return string(s.Target)
	}
	return string(s.Target) + ":" + strings.TrimSuffix(strings.Join(parts, "/"), "/")
}

// Target is a kind of thing that images are deployed to.
type Target string

// The targets of deploys.
const (
	TargetSite   Target = "site"
	TargetECS    Target = "ecs"
	TargetEKS    Target = "eks"
	TargetLambda Target = "lambda"
	TargetNone   Target = "none"
)

// Service reports whether images of t go to a service that runs elsewhere,
// rather than to the sandbox's own site.
func (t Target) Service() bool { return t == TargetECS || t == TargetEKS || t == TargetLambda }

// ECSTarget is a service of Amazon ECS.
type ECSTarget struct {
	// Cluster and Service are names, not ARNs.
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	// Container is the one whose image is replaced; it may be empty when the
	// service's task definition has no other.
	Container string `json:"container,omitempty"`
}

// EKSTarget is a Deployment in a cluster of Amazon EKS.
type EKSTarget struct {
	Cluster string `json:"cluster"`
	// Namespace is "default" by default.
	Namespace  string `json:"namespace"`
	Deployment string `json:"deployment"`
	// Container is the one whose image is replaced; it may be empty when the
	// Deployment's pods have no other.
	Container string `json:"container,omitempty"`
}

// LambdaTarget is an alias of a Lambda function whose package type is Image.
type LambdaTarget struct {
	// Function is a name, not an ARN.
	Function string `json:"function"`
	// Alias is "live" by default.
	Alias string `json:"alias"`
}
