// Package roles has what each function and each state machine of Mayfly may do
// on AWS: the policies of the roles that the CDK app gives them, taken from the
// template that it synthesizes for the stage "local". The cloud on one machine
// enforces them without Node.js or a synthesis.
package roles

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/local/roles/template"
)

// Where the template is taken to be deployed.
const (
	Account = "000000000000"
	Region  = "us-east-1"
	stack   = "mayfly-local"
	// prefix begins the names of the stage's functions and machines.
	prefix = stack + "-"
)

// Roles are policy documents by the name of a step or a machine, without the
// installation's prefix.
type Roles struct {
	Functions map[string][]json.RawMessage `json:"functions"`
	Machines  map[string][]json.RawMessage `json:"machines"`
}

//go:embed roles.json
var generated []byte

// Load returns the roles that were generated last.
func Load() (Roles, error) {
	var r Roles
	if err := json.Unmarshal(generated, &r); err != nil {
		return Roles{}, fmt.Errorf("read the generated roles: %w", err)
	}
	return r, nil
}

// FromTemplate takes the roles from a template that was synthesized for the
// stage "local".
func FromTemplate(text []byte) (Roles, error) {
	found, err := template.Roles(text, template.Deployment{Stack: stack, Account: Account, Region: Region})
	if err != nil {
		return Roles{}, err //nolint:wrapcheck // says itself what it is
	}
	r := Roles{Functions: map[string][]json.RawMessage{}, Machines: map[string][]json.RawMessage{}}
	for _, role := range found {
		name, ours := strings.CutPrefix(role.For, prefix)
		switch {
		case role.For == "": // of a service of AWS's that calls us
		case !ours:
			return Roles{}, fmt.Errorf("%s is not named after the stage, %s…", role.For, prefix)
		case strings.HasSuffix(role.Kind, "::Function"):
			r.Functions[name] = role.Documents
		default:
			r.Machines[name] = role.Documents
		}
	}
	return r, nil
}
