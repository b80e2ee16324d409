package local

import (
	"fmt"
	"net/url"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Foreign are the addresses of AWS services that images can be deployed to and
// that this cloud does not have itself, such as http://127.0.0.1:5000 of an
// emulator. Empty is none: a sandbox that names such a service is refused.
type Foreign struct {
	ECS, EKS, Lambda string
}

// foreign is one of them: its flag, the SDK's name for it, and every target in
// it, as sandbox.ParseTargets reads it.
type foreign struct {
	flag, service, endpoint, targets string
}

func (f Foreign) all() []foreign {
	return []foreign{
		{"--ecs-endpoint", "ECS", f.ECS, string(events.TargetECS) + ":*/*"},
		{"--eks-endpoint", "EKS", f.EKS, string(events.TargetEKS) + ":*"},
		{"--lambda-endpoint", "LAMBDA", f.Lambda, string(events.TargetLambda) + ":*"},
	}
}

func (f Foreign) check() error {
	for _, one := range f.all() {
		if parsed, err := url.Parse(one.endpoint); one.endpoint != "" && (err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "") {
			return fmt.Errorf("%s %q: must be like http://127.0.0.1:5000", one.flag, one.endpoint)
		}
	}
	return nil
}

// targets are what may be deployed to: everything in the services that have an
// address.
func (f Foreign) targets() (sandbox.Targets, error) {
	var text string
	for _, one := range f.all() {
		if one.endpoint != "" {
			text += one.targets + ","
		}
	}
	return sandbox.ParseTargets(text)
}

// environment tells function processes the addresses, by the SDK's own names.
func (f Foreign) environment() []string {
	var env []string
	for _, one := range f.all() {
		if one.endpoint != "" {
			env = append(env, "AWS_ENDPOINT_URL_"+one.service+"="+one.endpoint)
		}
	}
	return env
}
