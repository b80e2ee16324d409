package roles

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// A Grant is one action that one statement of a role allows.
type Grant struct {
	// Role is "function NAME" or "machine NAME".
	Role   string
	Action string
	// Resources are those of the statement.
	Resources []string

	alone *iam.Policy // the statement with this action alone
}

// Covers says whether the grant is what allows something to a caller of its
// role. The caller's answer is not asked: another grant may allow it, too.
func (g Grant) Covers(action, resource string, context iam.Context) bool {
	return iam.Evaluate([]*iam.Policy{g.alone}, iam.Request{Action: action, Resource: resource, Context: context}) == iam.Allow
}

// String says what is granted, in one line.
func (g Grant) String() string {
	return g.Role + " " + g.Action + " on " + strings.Join(g.Resources, ", ")
}

// Grants are all that the roles allow, sorted by role.
func (r Roles) Grants() ([]Grant, error) {
	var all []Grant
	for _, kind := range []struct {
		name  string
		roles map[string][]json.RawMessage
	}{{"function ", r.Functions}, {"machine ", r.Machines}} {
		for _, name := range slices.Sorted(maps.Keys(kind.roles)) {
			for _, document := range kind.roles[name] {
				grants, err := grantsOf(kind.name+name, document)
				if err != nil {
					return nil, fmt.Errorf("role of the %s%s: %w", kind.name, name, err)
				}
				all = append(all, grants...)
			}
		}
	}
	return all, nil
}

// oneOrMore is a text, or a list of them.
type oneOrMore []string

// UnmarshalJSON takes either.
func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

func grantsOf(role string, document json.RawMessage) ([]Grant, error) {
	var policy struct {
		Version   string
		Statement []struct {
			Effect    string
			Action    oneOrMore
			Resource  oneOrMore
			Condition json.RawMessage `json:",omitempty"`
		}
	}
	if err := json.Unmarshal(document, &policy); err != nil {
		return nil, fmt.Errorf("read a policy: %w", err)
	}
	var grants []Grant
	for _, statement := range policy.Statement {
		if statement.Effect != "Allow" {
			continue
		}
		for _, action := range statement.Action {
			alone := map[string]any{"Effect": "Allow", "Action": action, "Resource": statement.Resource}
			if statement.Condition != nil {
				alone["Condition"] = statement.Condition
			}
			text, err := json.Marshal(map[string]any{"Version": policy.Version, "Statement": alone})
			if err != nil {
				return nil, fmt.Errorf("write a statement: %w", err)
			}
			parsed, err := iam.Parse(string(text))
			if err != nil {
				return nil, err //nolint:wrapcheck // AWS's words about the document
			}
			grants = append(grants, Grant{Role: role, Action: action, Resources: statement.Resource, alone: parsed})
		}
	}
	return grants, nil
}
