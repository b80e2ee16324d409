package sfn

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

const (
	typeStandard = "STANDARD"
	typeExpress  = "EXPRESS"
)

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type createStateMachineInput struct {
	Name                    string          `json:"name"`
	Definition              string          `json:"definition"`
	RoleARN                 string          `json:"roleArn"`
	Type                    string          `json:"type"`
	LoggingConfiguration    json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage `json:"tracingConfiguration"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration"`
	Tags                    []tag           `json:"tags"`
	Publish                 bool            `json:"publish"`
	VersionDescription      string          `json:"versionDescription"`
}

type createStateMachineOutput struct {
	StateMachineARN        string        `json:"stateMachineArn"`
	CreationDate           *awsjson.Time `json:"creationDate"`
	StateMachineVersionARN string        `json:"stateMachineVersionArn,omitempty"`
}

// compile checks a definition for a type of machine. What it asks of services
// is looked at when it is new, see checkTask; a stored one was, by what was
// known then.
func compile(definition, kind string, options ...asl.ParseOption) (*asl.Machine, error) {
	if kind == typeExpress {
		options = append(options, asl.Express())
	}
	m, err := asl.Parse([]byte(definition), options...)
	var invalid *asl.DefinitionError
	if errors.As(err, &invalid) {
		return nil, invalidDefinition(invalid)
	}
	return m, err //nolint:wrapcheck // no other error is there
}

func invalidDefinition(invalid *asl.DefinitionError) *Error {
	lines := make([]string, 0, len(invalid.Diagnostics))
	for _, d := range invalid.Diagnostics {
		if d.Severity != asl.SeverityWarning {
			lines = append(lines, fmt.Sprintf("%s: %s at %s", d.Code, d.Message, cmp.Or(d.Location, "null")))
		}
	}
	return failf("InvalidDefinition", "Invalid State Machine Definition: '%s'", strings.Join(lines, ", "))
}

// checkRole refuses what is no role's ARN.
func checkRole(arn string) error {
	if parts := strings.SplitN(arn, ":", 6); len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return invalidARN(arn)
	}
	return nil
}

func (s *Service) createStateMachine(_ context.Context, in createStateMachineInput) (out createStateMachineOutput, err error) {
	if err := required("name", in.Name, "definition", in.Definition, "roleArn", in.RoleARN); err != nil {
		return out, err
	}
	kind := cmp.Or(in.Type, typeStandard)
	if kind != typeStandard && kind != typeExpress {
		return out, failf("ValidationException", "1 validation error detected: Value '%s' at 'type' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [STANDARD, EXPRESS]", in.Type)
	}
	if in.VersionDescription != "" && !in.Publish {
		return out, failf("ValidationException", "Version description can only be set when publish is set to true")
	}
	compiled, err := compile(in.Definition, kind, asl.CheckTasks(checkTask))
	if err := errors.Join(checkName(in.Name), checkRole(in.RoleARN), err); err != nil {
		return out, err
	}
	tags, err := merged(nil, in.Tags)
	if err != nil {
		return out, err
	}
	arn := s.arn("stateMachine", in.Name)
	m, err := s.registry.change(arn, func(m *machine, exists bool) (bool, error) {
		if exists && (m.Current.Definition != in.Definition || m.Type != kind || !sameJSON(m.Logging, in.LoggingConfiguration) ||
			!sameJSON(m.Tracing, in.TracingConfiguration) || !sameJSON(m.Encryption, in.EncryptionConfiguration)) {
			return false, failf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
		}
		now := s.o.Now()
		if !exists {
			*m = machine{
				ARN: arn, Name: in.Name, Type: kind, Created: now, Tags: tags, Logging: in.LoggingConfiguration,
				Tracing: in.TracingConfiguration, Encryption: in.EncryptionConfiguration,
				Current: revision{ID: initialRevision, Definition: in.Definition, Role: in.RoleARN, Updated: now, compiled: compiled},
			}
		}
		published := in.Publish && m.publish(in.VersionDescription, now)
		return !exists || published, nil
	})
	if err != nil {
		return out, err
	}
	out = createStateMachineOutput{StateMachineARN: arn, CreationDate: awsjson.At(m.Created)}
	if in.Publish {
		out.StateMachineVersionARN = m.versionARN(m.Versions[len(m.Versions)-1].Number)
	}
	return out, nil
}

// initialRevision is the id of a machine's first revision.
const initialRevision = "INITIAL"

// sameJSON compares two documents without regard to blanks.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

type updateStateMachineInput struct {
	StateMachineARN         string          `json:"stateMachineArn"`
	Definition              string          `json:"definition"`
	RoleARN                 string          `json:"roleArn"`
	LoggingConfiguration    json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage `json:"tracingConfiguration"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration"`
	Publish                 bool            `json:"publish"`
	VersionDescription      string          `json:"versionDescription"`
}

type updateStateMachineOutput struct {
	UpdateDate             *awsjson.Time `json:"updateDate"`
	RevisionID             string        `json:"revisionId,omitempty"`
	StateMachineVersionARN string        `json:"stateMachineVersionArn,omitempty"`
}

func (s *Service) updateStateMachine(_ context.Context, in updateStateMachineInput) (out updateStateMachineOutput, err error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return out, err
	}
	ref, err := parseMachineARN(in.StateMachineARN)
	if err != nil {
		return out, err
	}
	if in.Definition == "" && in.RoleARN == "" && in.LoggingConfiguration == nil && in.TracingConfiguration == nil && in.EncryptionConfiguration == nil {
		return out, failf("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration or the EncryptionConfiguration must be specified")
	}
	if in.RoleARN != "" {
		if err := checkRole(in.RoleARN); err != nil {
			return out, err
		}
	}
	m, err := s.registry.change(ref.base, func(m *machine, exists bool) (bool, error) {
		if !exists || ref.qualifier != "" {
			return false, noMachine(in.StateMachineARN)
		}
		now := s.o.Now()
		next := m.Current
		if in.Definition != "" {
			compiled, err := compile(in.Definition, m.Type, asl.CheckTasks(checkTask))
			if err != nil {
				return false, err
			}
			next.Definition, next.compiled = in.Definition, compiled
		}
		next.Role = cmp.Or(in.RoleARN, next.Role)
		next.ID, next.Updated = s.o.NewID(), now
		m.Current = next
		replace(&m.Logging, in.LoggingConfiguration)
		replace(&m.Tracing, in.TracingConfiguration)
		replace(&m.Encryption, in.EncryptionConfiguration)
		if in.Publish {
			m.publish(in.VersionDescription, now)
		}
		return true, nil
	})
	if err != nil {
		return out, err
	}
	out = updateStateMachineOutput{UpdateDate: awsjson.At(m.Current.Updated), RevisionID: m.Current.ID}
	if in.Publish {
		out.StateMachineVersionARN = m.versionARN(m.Versions[len(m.Versions)-1].Number)
	}
	return out, nil
}

func replace(old *json.RawMessage, with json.RawMessage) {
	if with != nil {
		*old = with
	}
}
