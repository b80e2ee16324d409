package sfn

import (
	"context"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type deleteStateMachineInput struct {
	StateMachineARN string `json:"stateMachineArn"`
}

// deleteStateMachine removes a machine and ends its executions, as AWS does
// with each at its next transition. Deleting what is not there succeeds.
func (s *Service) deleteStateMachine(_ context.Context, in deleteStateMachineInput) (nothing, error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return nothing{}, err
	}
	ref, err := parseMachineARN(in.StateMachineARN)
	if err != nil {
		return nothing{}, err
	}
	if _, err := s.registry.removeMachine(ref.base); err != nil {
		return nothing{}, err
	}
	token := ""
	for {
		page, next := s.engine.List(asl.Listing{MachineARN: ref.base, Status: asl.StatusRunning, Limit: 1000, Token: token})
		for _, d := range page {
			if _, err := s.engine.Stop(d.ExecutionARN, "", ""); err != nil {
				return nothing{}, err //nolint:wrapcheck // an internal failure, said by the engine
			}
		}
		if token = next; token == "" {
			return nothing{}, nil
		}
	}
}

type machineItem struct {
	StateMachineARN string        `json:"stateMachineArn"`
	Name            string        `json:"name"`
	Type            string        `json:"type"`
	CreationDate    *awsjson.Time `json:"creationDate"`
}

type pageInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type listStateMachinesOutput struct {
	StateMachines []machineItem `json:"stateMachines"`
	NextToken     string        `json:"nextToken,omitempty"`
}

func (s *Service) listStateMachines(_ context.Context, in pageInput) (out listStateMachinesOutput, err error) {
	page, next, err := paged(s.registry.all(), in, func(m *machine) string { return m.Name })
	if err != nil {
		return out, err
	}
	out = listStateMachinesOutput{StateMachines: []machineItem{}, NextToken: next}
	for _, m := range page {
		out.StateMachines = append(out.StateMachines, machineItem{m.ARN, m.Name, m.Type, awsjson.At(m.Created)})
	}
	return out, nil
}
