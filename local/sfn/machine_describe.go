package sfn

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

type describeStateMachineInput struct {
	StateMachineARN string `json:"stateMachineArn"`
}

type describeStateMachineOutput struct {
	StateMachineARN         string          `json:"stateMachineArn"`
	Name                    string          `json:"name"`
	Status                  string          `json:"status"`
	Definition              string          `json:"definition"`
	RoleARN                 string          `json:"roleArn"`
	Type                    string          `json:"type"`
	CreationDate            *instant        `json:"creationDate"`
	LoggingConfiguration    json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage `json:"tracingConfiguration"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration,omitempty"`
	RevisionID              string          `json:"revisionId,omitempty"`
	Description             string          `json:"description,omitempty"`
}

func (s *Service) describeStateMachine(_ context.Context, in describeStateMachineInput) (out describeStateMachineOutput, err error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return out, err
	}
	chosen, err := s.choose(in.StateMachineARN, nil)
	if err != nil {
		return out, err
	}
	m := chosen.machine
	out = describeStateMachineOutput{
		StateMachineARN: m.ARN, Name: m.Name, Status: "ACTIVE", Definition: chosen.revision.Definition, RoleARN: chosen.revision.Role,
		Type: m.Type, CreationDate: at(m.Created), LoggingConfiguration: orDefault(m.Logging, `{"level":"OFF","includeExecutionData":false}`),
		TracingConfiguration: orDefault(m.Tracing, `{"enabled":false}`), EncryptionConfiguration: m.Encryption,
	}
	if v := chosen.version; v != nil {
		out.StateMachineARN, out.CreationDate, out.Description = m.versionARN(v.Number), at(v.Created), v.Description
	}
	if chosen.revision.ID != initialRevision {
		out.RevisionID = chosen.revision.ID
	}
	return out, nil
}

func orDefault(document json.RawMessage, standard string) json.RawMessage {
	if document == nil {
		return json.RawMessage(standard)
	}
	return document
}

type describeStateMachineForExecutionInput struct {
	ExecutionARN string `json:"executionArn"`
}

type describeStateMachineForExecutionOutput struct {
	StateMachineARN      string          `json:"stateMachineArn"`
	Name                 string          `json:"name"`
	Definition           string          `json:"definition"`
	RoleARN              string          `json:"roleArn"`
	UpdateDate           *instant        `json:"updateDate"`
	LoggingConfiguration json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration json.RawMessage `json:"tracingConfiguration"`
	MapRunARN            string          `json:"mapRunArn,omitempty"`
	RevisionID           string          `json:"revisionId,omitempty"`
}

// startedMeta is what an execution remembers of the revision that it runs.
type startedMeta struct {
	RevisionID string          `json:"revisionId"`
	Updated    time.Time       `json:"updated"`
	Logging    json.RawMessage `json:"logging,omitempty"`
	Tracing    json.RawMessage `json:"tracing,omitempty"`
	// StartedBy is the token of the task that started the execution.
	StartedBy string `json:"startedBy,omitempty"`
}

func (s *Service) describeStateMachineForExecution(_ context.Context, in describeStateMachineForExecutionInput) (out describeStateMachineForExecutionOutput, err error) {
	d, err := s.execution(in.ExecutionARN)
	if err != nil {
		return out, err
	}
	var meta startedMeta
	if len(d.Meta) > 0 {
		if err := json.Unmarshal(d.Meta, &meta); err != nil {
			return out, failf("InternalFailure", "read what %s was started with: %v", in.ExecutionARN, err)
		}
	}
	_, name, _ := strings.Cut(d.MachineARN, ":stateMachine:")
	out = describeStateMachineForExecutionOutput{
		StateMachineARN: d.MachineARN, Name: name, Definition: string(d.Machine.Definition()), RoleARN: d.RoleARN, UpdateDate: at(meta.Updated),
		LoggingConfiguration: orDefault(meta.Logging, `{"level":"OFF","includeExecutionData":false}`),
		TracingConfiguration: orDefault(meta.Tracing, `{"enabled":false}`), MapRunARN: d.MapRunARN,
	}
	if meta.RevisionID != initialRevision {
		out.RevisionID = meta.RevisionID
	}
	return out, nil
}
