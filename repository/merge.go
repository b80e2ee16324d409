package repository

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// sids are what Mayfly calls its own statements of a repository policy.
func sids() []string { return []string{"Push", "OnlyPushersPush", "Pull", "OnlyPullersPull"} }

// Merge returns policy with those statements of there, the policy that a
// repository has, that are none of Mayfly's own; "" when that is nothing. Each
// of the two is "" for none. What others added stays: Lambda gives itself the
// right to pull when a function gets an image, and without it the function
// ends up in state Inactive and can't be brought back.
func Merge(policy, there string) (string, error) {
	ours, err := statements(policy)
	if err != nil {
		return "", err
	}
	others, err := statements(there)
	if err != nil {
		return "", err
	}
	others = slices.DeleteFunc(others, func(s json.RawMessage) bool {
		var known struct{ Sid string }
		return json.Unmarshal(s, &known) == nil && slices.Contains(sids(), known.Sid)
	})
	if len(others) == 0 {
		return policy, nil
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": append(ours, others...)})
	if err != nil {
		return "", fmt.Errorf("write repository policy: %w", err)
	}
	return string(text), nil
}

// statements returns those of a policy, of which a single one may stand without
// a list around it.
func statements(policy string) ([]json.RawMessage, error) {
	if policy == "" {
		return nil, nil
	}
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return nil, fmt.Errorf("read repository policy: %w", err)
	}
	if bytes.HasPrefix(document.Statement, []byte("{")) {
		return []json.RawMessage{document.Statement}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(document.Statement, &list); err != nil {
		return nil, fmt.Errorf("read the statements of a repository policy: %w", err)
	}
	return list, nil
}
