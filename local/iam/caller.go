package iam

import (
	"fmt"
	"strings"
)

// A Caller is who asks for something, with what its own policies allow it. The
// zero value is anonymous.
type Caller struct {
	// ARN is the principal's: that of the account's root, or of a role's session.
	ARN string `json:"arn"`
	// Root says that it is the account's root, which may do what is not denied.
	Root bool `json:"root,omitempty"`
	// Policies are the identity policies of a caller that is not root, as
	// documents.
	Policies []string `json:"policies,omitempty"`

	role *role
}

// role is what a caller has that is one of the installation's own roles.
type role struct {
	policies []*Policy
	deployed func(arn string) string
	observe  func(Asked)
}

// Asked is what a caller of a role asked for, and what it was told.
type Asked struct {
	Caller   string // its ARN
	Action   string
	Resource string // as the role's policies name it
	Context  Context
	Answer   Answer
}

// RoleCaller is a session of one of the installation's roles. Its policies name
// resources by what deployed makes of their ARNs. Observe, which may be nil, is
// told of everything that it asks for. It fails for documents that are none.
func RoleCaller(arn string, documents []string, deployed func(arn string) string, observe func(Asked)) (Caller, error) {
	own := &role{deployed: deployed, observe: observe}
	for _, document := range documents {
		policy, err := Parse(document)
		if err != nil {
			return Caller{}, fmt.Errorf("policies of %s: %w", arn, err)
		}
		own.policies = append(own.policies, policy)
	}
	return Caller{ARN: arn, role: own}, nil
}

// RootCaller is the root of an account, given its 12 digits.
func RootCaller(account string) Caller {
	return Caller{ARN: "arn:aws:iam::" + account + ":root", Root: true}
}

// Anonymous reports whether nobody in particular asks.
func (c Caller) Anonymous() bool { return c.ARN == "" }

// Installed reports whether the caller is one of the installation's own roles.
func (c Caller) Installed() bool { return c.role != nil }

// Principal is how policies may name the caller: its session, its role, and
// last its account.
func (c Caller) Principal() Principal {
	names := c.own()
	if parts := strings.Split(c.ARN, ":"); len(parts) == 6 && !c.Root {
		names = append(names, "arn:aws:iam::"+parts[4]+":root")
	}
	return Principal{AWS: names}
}

// PrincipalARN is what the key aws:PrincipalArn has: the caller's ARN, or of a
// role's session the role's.
func (c Caller) PrincipalARN() string {
	if names := c.own(); len(names) > 0 {
		return names[len(names)-1]
	}
	return ""
}

// own are the names of the caller but not of its account: a resource policy
// that allows the account leaves it to the account's own policies whom.
func (c Caller) own() []string {
	if c.Anonymous() {
		return nil
	}
	names := []string{c.ARN}
	if before, rest, ok := strings.Cut(c.ARN, ":assumed-role/"); ok {
		role, _, _ := strings.Cut(rest, "/")
		names = append(names, strings.Replace(before, "arn:aws:sts:", "arn:aws:iam:", 1)+":role/"+role)
	}
	return names
}

// An Answer says whether a caller may do something, and why.
type Answer struct {
	Allowed bool
	// Because is the end of AWS's sentence about a refusal: "because no
	// identity-based policy allows the ecr:PutImage action".
	Because string
}

// May decides as AWS does within one account: an explicit deny wins; otherwise
// it is enough that the caller's own policies or the resource's policy allow
// it. A nil resource policy says nothing.
func (c Caller) May(action, resource string, context Context, resourcePolicy *Policy) Answer {
	named := resource
	if c.role != nil && c.role.deployed != nil {
		named = c.role.deployed(resource)
	}
	answer := c.may(action, resource, named, context, resourcePolicy)
	if c.role != nil && c.role.observe != nil {
		c.role.observe(Asked{Caller: c.ARN, Action: action, Resource: named, Context: context, Answer: answer})
	}
	return answer
}

// may decides; named is what the caller's own policies call the resource.
func (c Caller) may(action, resource, named string, context Context, resourcePolicy *Policy) Answer {
	everything := Request{Principal: c.Principal(), Action: action, Resource: resource, Context: context}
	if Evaluate([]*Policy{resourcePolicy}, everything) == Deny {
		return Answer{Because: "with an explicit deny in a resource-based policy"}
	}
	own, err := c.policies()
	if err != nil { // it was checked when the session began
		return Answer{Because: "because an identity-based policy is malformed"}
	}
	asked := everything
	asked.Resource = named
	identity := Evaluate(own, asked)
	if identity == Deny {
		return Answer{Because: "with an explicit deny in an identity-based policy"}
	}
	direct := everything
	direct.Principal.AWS = c.own()
	if c.Root || identity == Allow || Evaluate([]*Policy{resourcePolicy}, direct) == Allow {
		return Answer{Allowed: true}
	}
	if c.Anonymous() {
		return Answer{Because: "because no resource-based policy allows the " + action + " action"}
	}
	return Answer{Because: "because no identity-based policy allows the " + action + " action"}
}

// policies are the caller's own, parsed.
func (c Caller) policies() ([]*Policy, error) {
	if c.role != nil {
		return c.role.policies, nil
	}
	own := make([]*Policy, 0, len(c.Policies))
	for _, document := range c.Policies {
		policy, err := Parse(document)
		if err != nil {
			return nil, err
		}
		own = append(own, policy)
	}
	return own, nil
}
