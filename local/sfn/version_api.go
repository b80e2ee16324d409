package sfn

import (
	"context"
	"slices"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type publishVersionInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	RevisionID      string `json:"revisionId"`
	Description     string `json:"description"`
}

type versionOutput struct {
	CreationDate           *awsjson.Time `json:"creationDate"`
	StateMachineVersionARN string        `json:"stateMachineVersionArn"`
}

// maxVersions is how many versions a state machine may have.
const maxVersions = 1000

// publishStateMachineVersion makes a version of the current revision. Doing it
// again gives the version that is there.
func (s *Service) publishStateMachineVersion(_ context.Context, in publishVersionInput) (out versionOutput, err error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return out, err
	}
	ref, err := parseMachineARN(in.StateMachineARN)
	if err != nil {
		return out, err
	}
	m, err := s.registry.change(ref.base, func(m *machine, exists bool) (bool, error) {
		switch {
		case !exists || ref.qualifier != "":
			return false, noMachine(in.StateMachineARN)
		case in.RevisionID != "" && in.RevisionID != m.Current.ID:
			return false, failf("ConflictException", "Failed to publish the State Machine version for revision %s. The current State Machine revision is %s.", in.RevisionID, m.Current.ID)
		case len(m.Versions) >= maxVersions:
			return false, failf("ServiceQuotaExceededException", "State Machine '%s' has the maximum of %d versions", ref.base, maxVersions)
		}
		return m.publish(in.Description, s.o.Now()), nil
	})
	if err != nil {
		return out, err
	}
	last := m.Versions[len(m.Versions)-1]
	return versionOutput{CreationDate: awsjson.At(last.Created), StateMachineVersionARN: m.versionARN(last.Number)}, nil
}

type deleteVersionInput struct {
	StateMachineVersionARN string `json:"stateMachineVersionArn"`
}

// deleteStateMachineVersion removes a version that no alias routes to.
func (s *Service) deleteStateMachineVersion(_ context.Context, in deleteVersionInput) (nothing, error) {
	if err := required("stateMachineVersionArn", in.StateMachineVersionARN); err != nil {
		return nothing{}, err
	}
	ref, err := parseMachineARN(in.StateMachineVersionARN)
	if err != nil {
		return nothing{}, err
	}
	number, err := strconv.Atoi(ref.qualifier)
	if err != nil {
		return nothing{}, invalidARN(in.StateMachineVersionARN)
	}
	_, err = s.registry.change(ref.base, func(m *machine, exists bool) (bool, error) {
		if !exists || m.version(number) == nil {
			return false, nil // deleted already
		}
		for _, a := range m.Aliases {
			if slices.ContainsFunc(a.Routes, func(r route) bool { return r.VersionARN == in.StateMachineVersionARN }) {
				return false, failf("ConflictException", "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [%s]", a.Name)
			}
		}
		m.Versions = slices.DeleteFunc(m.Versions, func(v version) bool { return v.Number == number })
		return true, nil
	})
	return nothing{}, err
}

type listVersionsInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	pageInput
}

type listVersionsOutput struct {
	StateMachineVersions []versionOutput `json:"stateMachineVersions"`
	NextToken            string          `json:"nextToken,omitempty"`
}

// listStateMachineVersions lists versions, the newest first.
func (s *Service) listStateMachineVersions(_ context.Context, in listVersionsInput) (out listVersionsOutput, err error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return out, err
	}
	ref, err := parseMachineARN(in.StateMachineARN)
	if err != nil {
		return out, err
	}
	out.StateMachineVersions = []versionOutput{}
	m, ok := s.registry.machine(ref.base)
	if !ok {
		return out, noMachine(in.StateMachineARN)
	}
	newest := slices.Clone(m.Versions)
	slices.Reverse(newest)
	page, next, err := paged(newest, in.pageInput, func(v version) string {
		return strconv.Itoa(1<<40 - v.Number) // sorts the newest first
	})
	for _, v := range page {
		out.StateMachineVersions = append(out.StateMachineVersions, versionOutput{awsjson.At(v.Created), m.versionARN(v.Number)})
	}
	out.NextToken = next
	return out, err
}
