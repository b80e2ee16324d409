package sfn

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type createAliasInput struct {
	Name                 string  `json:"name"`
	Description          string  `json:"description"`
	RoutingConfiguration []route `json:"routingConfiguration"`
}

type aliasOutput struct {
	CreationDate         *awsjson.Time `json:"creationDate,omitempty"`
	StateMachineAliasARN string        `json:"stateMachineAliasArn"`
}

// maxAliases is how many aliases a state machine may have.
const maxAliases = 100

// checkRoutes refuses a routing that is not to one or two versions of one
// machine with weights that add up to 100. It returns the machine's ARN.
func checkRoutes(routes []route) (string, error) {
	if len(routes) == 0 || len(routes) > 2 {
		return "", failf("ValidationException", "1 validation error detected: routingConfiguration has one or two versions")
	}
	base, total := "", 0
	for _, r := range routes {
		ref, err := parseMachineARN(r.VersionARN)
		if err != nil {
			return "", err
		}
		if versionNumber(r.VersionARN) == 0 {
			return "", invalidARN(r.VersionARN)
		}
		if base = cmp.Or(base, ref.base); base != ref.base {
			return "", failf("ValidationException", "Routing configuration must have versions of the same State Machine")
		}
		if r.Weight < 0 || r.Weight > 100 {
			return "", failf("ValidationException", "1 validation error detected: Value '%d' at 'weight' failed to satisfy constraint: Member must have value between 0 and 100", r.Weight)
		}
		total += r.Weight
	}
	if total != 100 {
		return "", failf("ValidationException", "Sum of routing configuration weights must equal 100. Received: %d", total)
	}
	if len(routes) == 2 && routes[0].VersionARN == routes[1].VersionARN {
		return "", failf("ValidationException", "Routing configuration must contain distinct versions")
	}
	return base, nil
}

// checkAliasName refuses names that could be a version's number.
func checkAliasName(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if strings.Trim(name, "0123456789") == "" || strings.Contains(name, ".") {
		return failf("ValidationException", "the alias name %q must not be a number, nor have a dot", name)
	}
	return nil
}

func (m *machine) checkRouted(routes []route) error {
	for _, r := range routes {
		if m.version(versionNumber(r.VersionARN)) == nil {
			return noResource(r.VersionARN)
		}
	}
	return nil
}

func (s *Service) createStateMachineAlias(_ context.Context, in createAliasInput) (out aliasOutput, err error) {
	if err := required("name", in.Name); err != nil {
		return out, err
	}
	if err := checkAliasName(in.Name); err != nil {
		return out, err
	}
	base, err := checkRoutes(in.RoutingConfiguration)
	if err != nil {
		return out, err
	}
	m, err := s.registry.change(base, func(m *machine, exists bool) (bool, error) {
		if !exists {
			return false, noResource(base)
		}
		if err := m.checkRouted(in.RoutingConfiguration); err != nil {
			return false, err
		}
		if a := m.alias(in.Name); a != nil {
			if a.Description == in.Description && slices.Equal(a.Routes, in.RoutingConfiguration) {
				return false, nil
			}
			return false, failf("ConflictException", "Failed to create alias because an alias with the same name and a different routing configuration already exists.")
		}
		if len(m.Aliases) >= maxAliases {
			return false, failf("ServiceQuotaExceededException", "State Machine '%s' has the maximum of %d aliases", base, maxAliases)
		}
		now := s.o.Now()
		m.Aliases = append(m.Aliases, alias{Name: in.Name, Description: in.Description, Created: now, Updated: now, Routes: in.RoutingConfiguration})
		slices.SortFunc(m.Aliases, func(a, b alias) int { return strings.Compare(a.Name, b.Name) })
		return true, nil
	})
	if err != nil {
		return out, err
	}
	return aliasOutput{CreationDate: awsjson.At(m.alias(in.Name).Created), StateMachineAliasARN: base + ":" + in.Name}, nil
}

type aliasInput struct {
	StateMachineAliasARN string  `json:"stateMachineAliasArn"`
	Description          *string `json:"description"`
	RoutingConfiguration []route `json:"routingConfiguration"`
}

func (in aliasInput) ref() (machineRef, error) {
	if err := required("stateMachineAliasArn", in.StateMachineAliasARN); err != nil {
		return machineRef{}, err
	}
	ref, err := parseMachineARN(in.StateMachineAliasARN)
	if err == nil && ref.qualifier == "" {
		err = invalidARN(in.StateMachineAliasARN)
	}
	return ref, err
}

type updateAliasOutput struct {
	UpdateDate *awsjson.Time `json:"updateDate"`
}

func (s *Service) updateStateMachineAlias(_ context.Context, in aliasInput) (out updateAliasOutput, err error) {
	ref, err := in.ref()
	if err != nil {
		return out, err
	}
	if in.Description == nil && in.RoutingConfiguration == nil {
		return out, failf("ValidationException", "Either the description or the routing configuration must be specified")
	}
	if in.RoutingConfiguration != nil {
		base, err := checkRoutes(in.RoutingConfiguration)
		if err != nil {
			return out, err
		}
		if base != ref.base {
			return out, failf("ValidationException", "Routing configuration must have versions of the alias's State Machine")
		}
	}
	now := s.o.Now()
	_, err = s.registry.change(ref.base, func(m *machine, exists bool) (bool, error) {
		if !exists || m.alias(ref.qualifier) == nil {
			return false, noResource(in.StateMachineAliasARN)
		}
		if err := m.checkRouted(in.RoutingConfiguration); err != nil {
			return false, err
		}
		a := m.alias(ref.qualifier) // of the copy
		if in.Description != nil {
			a.Description = *in.Description
		}
		if in.RoutingConfiguration != nil {
			a.Routes = in.RoutingConfiguration
		}
		a.Updated = now
		return true, nil
	})
	return updateAliasOutput{UpdateDate: awsjson.At(now)}, err
}

type describeAliasOutput struct {
	StateMachineAliasARN string        `json:"stateMachineAliasArn"`
	Name                 string        `json:"name"`
	Description          string        `json:"description"`
	RoutingConfiguration []route       `json:"routingConfiguration"`
	CreationDate         *awsjson.Time `json:"creationDate"`
	UpdateDate           *awsjson.Time `json:"updateDate"`
}

func (s *Service) describeStateMachineAlias(_ context.Context, in aliasInput) (out describeAliasOutput, err error) {
	ref, err := in.ref()
	if err != nil {
		return out, err
	}
	m, ok := s.registry.machine(ref.base)
	if !ok || m.alias(ref.qualifier) == nil {
		return out, noResource(in.StateMachineAliasARN)
	}
	a := m.alias(ref.qualifier)
	return describeAliasOutput{in.StateMachineAliasARN, a.Name, a.Description, a.Routes, awsjson.At(a.Created), awsjson.At(a.Updated)}, nil
}

func (s *Service) deleteStateMachineAlias(_ context.Context, in aliasInput) (nothing, error) {
	ref, err := in.ref()
	if err != nil {
		return nothing{}, err
	}
	_, err = s.registry.change(ref.base, func(m *machine, exists bool) (bool, error) {
		if !exists || m.alias(ref.qualifier) == nil {
			return false, noResource(in.StateMachineAliasARN)
		}
		m.Aliases = slices.DeleteFunc(m.Aliases, func(a alias) bool { return a.Name == ref.qualifier })
		return true, nil
	})
	return nothing{}, err
}

type listAliasesOutput struct {
	StateMachineAliases []aliasOutput `json:"stateMachineAliases"`
	NextToken           string        `json:"nextToken,omitempty"`
}

// listStateMachineAliases lists a machine's aliases, or those that route to one
// of its versions when the ARN is a version's.
func (s *Service) listStateMachineAliases(_ context.Context, in listVersionsInput) (out listAliasesOutput, err error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return out, err
	}
	ref, err := parseMachineARN(in.StateMachineARN)
	if err != nil {
		return out, err
	}
	m, ok := s.registry.machine(ref.base)
	if !ok {
		return out, noResource(in.StateMachineARN)
	}
	found := slices.DeleteFunc(slices.Clone(m.Aliases), func(a alias) bool {
		return ref.qualifier != "" && !slices.ContainsFunc(a.Routes, func(r route) bool { return r.VersionARN == in.StateMachineARN })
	})
	page, next, err := paged(found, in.pageInput, func(a alias) string { return a.Name })
	out = listAliasesOutput{StateMachineAliases: []aliasOutput{}, NextToken: next}
	for _, a := range page {
		out.StateMachineAliases = append(out.StateMachineAliases, aliasOutput{awsjson.At(a.Created), m.ARN + ":" + a.Name})
	}
	return out, err
}
