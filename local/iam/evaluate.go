package iam

import (
	"strings"
)

// A Decision is the outcome of an evaluation.
type Decision int

// The decisions. The zero value denies, because nothing allowed.
const (
	ImplicitDeny Decision = iota
	Allow
	Deny
)

func (d Decision) String() string {
	switch d {
	case Allow:
		return "Allow"
	case Deny:
		return "Deny"
	}
	return "ImplicitDeny"
}

// A Principal is who asks. The zero value is anonymous: only "*" names it.
// AWS holds the ARNs (and account ids) by which a policy may name the
// principal, the most specific first.
type Principal struct {
	AWS           []string
	CanonicalUser string
	Service       string
	Federated     string
}

// A Context holds the values of condition keys, which are compared without
// regard to case. Build it with NewContext, or with lower-case keys.
type Context map[string][]string

// NewContext is a context from keys in any case.
func NewContext(values map[string][]string) Context {
	context := make(Context, len(values))
	for key, value := range values {
		context[strings.ToLower(key)] = value
	}
	return context
}

// Set gives a key one value.
func (c Context) Set(key, value string) { c[strings.ToLower(key)] = []string{value} }

func (c Context) get(key string) ([]string, bool) {
	values, ok := c[strings.ToLower(key)]
	return values, ok
}

// A Request is what a policy is asked about.
type Request struct {
	Principal Principal
	Action    string
	Resource  string
	Context   Context
}

// Evaluate answers whether the policies, taken together, allow the request.
func Evaluate(policies []*Policy, request Request) Decision {
	decision := ImplicitDeny
	for _, policy := range policies {
		if policy == nil {
			continue
		}
		variables := policy.Version == Version2012
		for i := range policy.Statements {
			statement := &policy.Statements[i]
			// Which allow matched does not matter once there is one.
			if decision == Allow && statement.Effect == EffectAllow {
				continue
			}
			if !statement.matches(request, variables) {
				continue
			}
			if statement.Effect == EffectDeny {
				return Deny
			}
			decision = Allow
		}
	}
	return decision
}

func (s *Statement) matches(request Request, variables bool) bool {
	switch {
	case s.Principals != nil && !s.Principals.match(request.Principal, false):
		return false
	case s.NotPrincipals != nil && s.NotPrincipals.match(request.Principal, true):
		return false
	case s.Actions != nil && !matchAction(s.Actions, request.Action):
		return false
	case s.NotActions != nil && matchAction(s.NotActions, request.Action):
		return false
	case s.Resources != nil && !matchResource(s.Resources, request, variables):
		return false
	case s.NotResources != nil && matchResource(s.NotResources, request, variables):
		return false
	}
	for i := range s.Conditions {
		if !s.Conditions[i].holds(request.Context, variables) {
			return false
		}
	}
	return true
}

func matchAction(patterns []string, action string) bool {
	action = strings.ToLower(action)
	for _, pattern := range patterns {
		if glob(strings.ToLower(pattern), action) {
			return true
		}
	}
	return false
}

func matchResource(patterns []string, request Request, variables bool) bool {
	for _, pattern := range patterns {
		expanded, ok := expand(pattern, request.Context, variables)
		if ok && glob(expanded, request.Resource) {
			return true
		}
	}
	return false
}

// match reports whether the principals name who asks. In a NotPrincipal,
// naming an account does not except its users.
func (p *Principals) match(who Principal, except bool) bool {
	if p.Any {
		return true
	}
	for _, name := range p.AWS {
		if name == "*" {
			return true
		}
		for i, known := range who.AWS {
			if except && i > 0 {
				break
			}
			if sameAWS(name, known) {
				return true
			}
		}
	}
	return who.CanonicalUser != "" && contains(p.CanonicalUser, who.CanonicalUser) ||
		who.Service != "" && contains(p.Service, who.Service) ||
		who.Federated != "" && contains(p.Federated, who.Federated)
}

// sameAWS compares two names of AWS principals: an account's id stands for its root.
func sameAWS(a, b string) bool { return accountRoot(a) == accountRoot(b) }

func accountRoot(name string) string {
	if len(name) == 12 && strings.Trim(name, "0123456789") == "" {
		return "arn:aws:iam::" + name + ":root"
	}
	return name
}

func contains(names []string, name string) bool {
	for _, one := range names {
		if one == "*" || one == name {
			return true
		}
	}
	return false
}
