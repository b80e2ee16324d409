package repository

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
)

// pull and push return the actions that clients need for it, beside
// GetAuthorizationToken, which is no repository's. A push reads what is there
// already, so whoever may push may pull.
func pull(service string) []string {
	return actions(service, "BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
}

func push(service string) []string {
	return actions(service, "CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")
}

func actions(service string, names ...string) []string {
	for i, name := range names {
		names[i] = service + ":" + name
	}
	return names
}

type statement struct {
	Sid       string         `json:"Sid"`
	Effect    string         `json:"Effect"`
	Principal any            `json:"Principal"`
	Action    []string       `json:"Action"`
	Condition map[string]any `json:"Condition,omitempty"`
}

// Policy returns the repository policy as JSON, "" when the spec names nobody
// and the account's own policies decide.
//
// Allowing somebody is not enough to keep others out: within an account, what
// a user's own policy allows is allowed. So all but those who are named are
// denied, except AWS's own services and the principals of this installation,
// whose ARNs are like one of own.
func Policy(spec events.RepositorySpec, own []string) (string, error) {
	service, all := "ecr", slices.Concat(spec.Pushers, spec.Pullers)
	if spec.Visibility == events.VisibilityPublic {
		service = "ecr-public"
	}
	var statements []statement
	if len(spec.Pushers) > 0 {
		statements = append(statements, allow("Push", spec.Pushers, push(service)), deny("OnlyPushersPush", spec.Pushers, own, push(service)))
	}
	if spec.Visibility != events.VisibilityPublic && len(all) > 0 {
		statements = append(statements, allow("Pull", all, pull(service)))
		if len(spec.Pullers) > 0 {
			statements = append(statements, deny("OnlyPullersPull", all, own, pull(service)))
		}
	}
	if len(statements) == 0 {
		return "", nil
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return "", fmt.Errorf("write repository policy: %w", err)
	}
	return string(text), nil
}

func allow(sid string, who, what []string) statement {
	return statement{Sid: sid, Effect: "Allow", Principal: map[string][]string{"AWS": who}, Action: what}
}

func deny(sid string, except, own, what []string) statement {
	like := slices.Clone(own)
	for _, principal := range except {
		// An account, or its root, stands for whoever is in it.
		if account, isRoot := strings.CutSuffix(principal, ":root"); isRoot {
			principal = account + ":*"
		} else if !strings.Contains(principal, ":") {
			principal = "arn:aws:iam::" + principal + ":*"
		}
		like = append(like, principal)
	}
	return statement{Sid: sid, Effect: "Deny", Principal: "*", Action: what, Condition: map[string]any{
		"ArnNotLike":   map[string][]string{"aws:PrincipalArn": like},
		"BoolIfExists": map[string]string{"aws:PrincipalIsAWSService": "false"},
	}}
}
