package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// The versions of the policy language. Variables exist in the second only.
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// An Effect is what a statement does when it matches.
type Effect string

// The two effects.
const (
	EffectAllow Effect = "Allow"
	EffectDeny  Effect = "Deny"
)

// A Policy is a parsed policy document.
type Policy struct {
	Version    string
	ID         string
	Statements []Statement
}

// A Statement is one statement of a policy. Of each pair (Actions and
// NotActions, Resources and NotResources, Principals and NotPrincipals) at
// most one is set. Principals are nil in identity policies, which speak about
// whoever they are attached to; Resources are nil in trust policies.
type Statement struct {
	SID           string
	Effect        Effect
	Principals    *Principals
	NotPrincipals *Principals
	Actions       []string
	NotActions    []string
	Resources     []string
	NotResources  []string
	Conditions    []Condition
}

// Principals are those a statement names, by kind. Any is the bare "*".
type Principals struct {
	Any           bool
	AWS           []string
	CanonicalUser []string
	Service       []string
	Federated     []string
}

// A SyntaxError says what is wrong with a policy document, in the words that
// AWS uses where it has some.
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }

func syntax(format string, args ...any) error {
	return &SyntaxError{Message: fmt.Sprintf(format, args...)}
}

// Parse reads a policy document. Its errors are *SyntaxError.
func Parse(document string) (*Policy, error) {
	fields, err := object([]byte(document))
	if err != nil {
		return nil, syntax("Policies must be valid JSON and the first byte must be '{'")
	}
	policy := &Policy{Version: Version2008}
	for name, raw := range fields {
		switch name {
		case "Version":
			if policy.Version, err = text(raw); err != nil || (policy.Version != Version2008 && policy.Version != Version2012) {
				return nil, syntax("The policy must contain a valid version string")
			}
		case "Id":
			if policy.ID, err = text(raw); err != nil {
				return nil, syntax("The policy's Id must be a string")
			}
		case "Statement":
			if policy.Statements, err = statements(raw); err != nil {
				return nil, err
			}
		default:
			return nil, syntax("Unknown field %s", name)
		}
	}
	if len(policy.Statements) == 0 {
		return nil, syntax("Missing required field Statement")
	}
	return policy, nil
}

func statements(raw json.RawMessage) ([]Statement, error) {
	list := []json.RawMessage{raw}
	if first(raw) == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, syntax("The policy's Statement is not valid")
		}
	}
	parsed := make([]Statement, 0, len(list))
	var seen []string
	for _, one := range list {
		statement, err := parseStatement(one)
		if err != nil {
			return nil, err
		}
		if statement.SID != "" && slices.Contains(seen, statement.SID) {
			return nil, syntax("Statement IDs (SID) in a single policy must be unique: %s", statement.SID)
		}
		seen = append(seen, statement.SID)
		parsed = append(parsed, statement)
	}
	return parsed, nil
}

func parseStatement(raw json.RawMessage) (Statement, error) {
	fields, err := object(raw)
	if err != nil {
		return Statement{}, syntax("A statement must be an object")
	}
	var s Statement
	for name, value := range fields {
		switch name {
		case "Sid":
			s.SID, err = text(value)
		case "Effect":
			var effect string
			effect, err = text(value)
			s.Effect = Effect(effect)
			if err == nil && s.Effect != EffectAllow && s.Effect != EffectDeny {
				err = syntax("Invalid effect: %s", effect)
			}
		case "Principal":
			s.Principals, err = principals(value)
		case "NotPrincipal":
			s.NotPrincipals, err = principals(value)
		case "Action":
			s.Actions, err = texts(value)
		case "NotAction":
			s.NotActions, err = texts(value)
		case "Resource":
			s.Resources, err = texts(value)
		case "NotResource":
			s.NotResources, err = texts(value)
		case "Condition":
			s.Conditions, err = conditions(value)
		default:
			err = syntax("Unknown field %s", name)
		}
		if err != nil {
			var known *SyntaxError
			if errors.As(err, &known) {
				return Statement{}, err
			}
			return Statement{}, syntax("The value of %s is not valid", name)
		}
	}
	return s, s.check()
}

// check applies the rules about which elements a statement has.
func (s *Statement) check() error {
	switch {
	case s.Effect == "":
		return syntax("Missing required field Effect")
	case s.Actions == nil && s.NotActions == nil:
		return syntax("Missing required field Action")
	case s.Actions != nil && s.NotActions != nil:
		return syntax("A statement has Action or NotAction, not both")
	case s.Resources != nil && s.NotResources != nil:
		return syntax("A statement has Resource or NotResource, not both")
	case s.Principals != nil && s.NotPrincipals != nil:
		return syntax("A statement has Principal or NotPrincipal, not both")
	case s.NotPrincipals != nil && s.Effect == EffectAllow:
		return syntax("Allow with NotPrincipal is not allowed")
	}
	return nil
}

func principals(raw json.RawMessage) (*Principals, error) {
	if first(raw) == '"' {
		if word, err := text(raw); err != nil || word != "*" {
			return nil, syntax("Invalid principal in policy")
		}
		return &Principals{Any: true}, nil
	}
	fields, err := object(raw)
	if err != nil || len(fields) == 0 {
		return nil, syntax("Invalid principal in policy")
	}
	var found Principals
	for kind, value := range fields {
		names, err := texts(value)
		if err != nil || len(names) == 0 {
			return nil, syntax("Invalid principal in policy")
		}
		switch kind {
		case "AWS":
			found.AWS = names
		case "CanonicalUser":
			found.CanonicalUser = names
		case "Service":
			found.Service = names
		case "Federated":
			found.Federated = names
		default:
			return nil, syntax("Invalid principal in policy")
		}
	}
	return &found, nil
}

// object decodes a JSON object. Names are compared exactly, unlike those of
// encoding/json's structs, and a name given twice is refused: which of two
// effects counts must not depend on the reader.
func object(raw []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	open, err := decoder.Token()
	if err != nil || open != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	fields := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("%s is given twice", name)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		fields[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the object")
	}
	return fields, nil
}

// text decodes a JSON string.
func text(raw json.RawMessage) (string, error) {
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", err
	}
	if value == nil {
		return "", errors.New("null is not a string")
	}
	return *value, nil
}

// texts decodes a JSON string or a list of strings; the list is never nil.
func texts(raw json.RawMessage) ([]string, error) {
	if first(raw) != '[' {
		one, err := text(raw)
		return []string{one}, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	values := make([]string, 0, len(list))
	for _, item := range list {
		one, err := text(item)
		if err != nil {
			return nil, err
		}
		values = append(values, one)
	}
	return values, nil
}

func first(raw json.RawMessage) byte {
	if trimmed := bytes.TrimLeft(raw, " \t\r\n"); len(trimmed) > 0 {
		return trimmed[0]
	}
	return 0
}
