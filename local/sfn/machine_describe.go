package sfn

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type describeStateMachineInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	included
}

type describeStateMachineOutput struct {
	StateMachineARN         string          `json:"stateMachineArn"`
	Name                    string          `json:"name"`
	Status                  string          `json:"status"`
	Definition              string          `json:"definition"`
	RoleARN                 string          `json:"roleArn"`
	Type                    string          `json:"type"`
	CreationDate            *awsjson.Time   `json:"creationDate"`
	LoggingConfiguration    json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage `json:"tracingConfiguration"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration"`
	RevisionID              string          `json:"revisionId,omitempty"`
	Description             string          `json:"description,omitempty"`
	// VariableReferences are the variables that each state reads.
	VariableReferences map[string][]string `json:"variableReferences,omitempty"`
}

// What a machine is described with that was made without.
const (
	standardLogging    = `{"level":"OFF","includeExecutionData":false}`
	standardTracing    = `{"enabled":false}`
	standardEncryption = `{"type":"AWS_OWNED_KEY"}`
)

func (s *Service) describeStateMachine(_ context.Context, in describeStateMachineInput) (out describeStateMachineOutput, err error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return out, err
	}
	withData, err := in.data()
	if err != nil {
		return out, err
	}
	chosen, err := s.choose(in.StateMachineARN, nil)
	if err != nil {
		return out, err
	}
	m := chosen.machine
	out = describeStateMachineOutput{
		StateMachineARN: m.ARN, Name: m.Name, Status: "ACTIVE", Definition: chosen.revision.Definition, RoleARN: chosen.revision.Role,
		Type: m.Type, CreationDate: awsjson.At(m.Created), LoggingConfiguration: orDefault(m.Logging, standardLogging),
		TracingConfiguration: orDefault(m.Tracing, standardTracing), EncryptionConfiguration: orDefault(m.Encryption, standardEncryption),
	}
	if compiled := chosen.revision.compiled; compiled != nil {
		out.VariableReferences = compiled.VariableReferences()
	}
	if !withData {
		out.Definition, out.VariableReferences = "", nil
	}
	if v := chosen.version; v != nil {
		out.StateMachineARN, out.CreationDate, out.Description = m.versionARN(v.Number), awsjson.At(v.Created), v.Description
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

type describeStateMachineForExecutionOutput struct {
	StateMachineARN         string              `json:"stateMachineArn"`
	Name                    string              `json:"name"`
	Definition              string              `json:"definition"`
	RoleARN                 string              `json:"roleArn"`
	UpdateDate              *awsjson.Time       `json:"updateDate"`
	LoggingConfiguration    json.RawMessage     `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage     `json:"tracingConfiguration"`
	EncryptionConfiguration json.RawMessage     `json:"encryptionConfiguration"`
	MapRunARN               string              `json:"mapRunArn,omitempty"`
	Label                   string              `json:"label,omitempty"`
	RevisionID              string              `json:"revisionId,omitempty"`
	VariableReferences      map[string][]string `json:"variableReferences,omitempty"`
}

// startedMeta is what an execution remembers of the revision that it runs.
type startedMeta struct {
	RevisionID string          `json:"revisionId"`
	Updated    time.Time       `json:"updated"`
	Logging    json.RawMessage `json:"logging,omitempty"`
	Tracing    json.RawMessage `json:"tracing,omitempty"`
	Encryption json.RawMessage `json:"encryption,omitempty"`
	// TraceHeader is the caller's, as AWS X-Ray has it.
	TraceHeader string `json:"traceHeader,omitempty"`
	// StartedBy is the token of the task that started the execution.
	StartedBy string `json:"startedBy,omitempty"`
}

func (s *Service) describeStateMachineForExecution(_ context.Context, in describeExecutionInput) (out describeStateMachineForExecutionOutput, err error) {
	withData, err := in.data()
	if err != nil {
		return out, err
	}
	d, err := s.execution(in.ExecutionARN)
	if err != nil {
		return out, err
	}
	meta, err := s.metaOf(d)
	if err != nil {
		return out, err
	}
	_, name, _ := strings.Cut(d.MachineARN, ":stateMachine:")
	name, label, _ := strings.Cut(name, "/")
	out = describeStateMachineForExecutionOutput{
		StateMachineARN: d.MachineARN, Name: name, Definition: string(d.Definition), RoleARN: d.RoleARN, UpdateDate: awsjson.At(meta.Updated),
		LoggingConfiguration: orDefault(meta.Logging, standardLogging), TracingConfiguration: orDefault(meta.Tracing, standardTracing),
		EncryptionConfiguration: orDefault(meta.Encryption, standardEncryption), MapRunARN: d.MapRunARN, Label: label,
		VariableReferences: d.Machine.VariableReferences(),
	}
	if meta.RevisionID != initialRevision {
		out.RevisionID = meta.RevisionID
	}
	if !withData {
		out.Definition, out.VariableReferences = "", nil
	}
	return out, nil
}

// metaOf reads what an execution was started with or, of what a map started, the
// execution around it.
func (s *Service) metaOf(d asl.Description) (startedMeta, error) {
	for d.MapRunARN != "" {
		run, err := s.engine.DescribeMapRun(d.MapRunARN)
		if err == nil {
			d, err = s.engine.Describe(run.ExecutionARN)
		}
		if err != nil {
			return startedMeta{}, noExecution(d.ExecutionARN) // it is being forgotten
		}
	}
	return readMeta(d)
}

// readMeta reads what an execution was started with; what a map started has none.
func readMeta(d asl.Description) (meta startedMeta, err error) {
	if len(d.Meta) == 0 {
		return meta, nil
	}
	if err := json.Unmarshal(d.Meta, &meta); err != nil {
		return meta, failf("InternalFailure", "read what %s was started with: %v", d.ExecutionARN, err)
	}
	return meta, nil
}
