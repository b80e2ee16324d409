package sts

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
)

type assumedRole struct {
	XMLName          xml.Name    `xml:"AssumeRoleResponse"`
	Namespace        string      `xml:"xmlns,attr"`
	Credentials      credentials `xml:"AssumeRoleResult>Credentials"`
	AssumedRoleID    string      `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	Arn              string      `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	PackedPolicySize int         `xml:"AssumeRoleResult>PackedPolicySize"`
	RequestID        string      `xml:"ResponseMetadata>RequestId"`
}

// The limits of a session.
const (
	shortest   = 15 * time.Minute
	longest    = 12 * time.Hour
	standard   = time.Hour
	maxPolicy  = 2048 // characters
	maxPolicys = 10
)

var (
	roleRule    = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/([\w+=,.@/-]{1,512})$`)
	sessionRule = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// assumeRole begins a session of a role. There is no IAM here that knows
// roles: any name is one. The policies that are handed over are what the role
// may do; without any it may do everything, as any keys may.
func (h Handler) assumeRole(r *http.Request, id string) (any, *refusal) {
	who, refused := h.caller(r, id)
	if refused != nil {
		return nil, refused
	}
	form := r.Form
	role := roleRule.FindStringSubmatch(form.Get("RoleArn"))
	name := form.Get("RoleSessionName")
	switch {
	case role == nil:
		return nil, invalid(id, "ValidationError", "%q is invalid: RoleArn must be like arn:aws:iam::%s:role/NAME", form.Get("RoleArn"), h.Account)
	case role[1] != h.Account:
		return nil, &refusal{Code: "AccessDenied", status: http.StatusForbidden, RequestID: id, Message: "Roles of other accounts cannot be assumed in this local cloud"}
	case !sessionRule.MatchString(name):
		return nil, invalid(id, "ValidationError", "%q is invalid: RoleSessionName has 2 to 64 letters, digits and _+=,.@-", name)
	}
	if answer := who.May("sts:AssumeRole", form.Get("RoleArn"), nil, nil); !answer.Allowed {
		return nil, &refusal{Code: "AccessDenied", status: http.StatusForbidden, RequestID: id,
			Message: "User: " + who.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + form.Get("RoleArn") + " " + answer.Because}
	}
	duration := standard
	if text := form.Get("DurationSeconds"); text != "" {
		seconds, err := strconv.Atoi(text)
		if duration = time.Duration(seconds) * time.Second; err != nil || duration < shortest || duration > longest {
			return nil, invalid(id, "ValidationError", "DurationSeconds must be between 900 and 43200")
		}
	}
	policies, refused := policiesOf(form, id)
	if refused != nil {
		return nil, refused
	}
	// The path of a role is not in the name of its sessions.
	now := iam.Caller{ARN: fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", h.Account, path.Base(role[2]), name), Policies: policies}
	made, err := h.Sessions.begin(now, duration)
	if err != nil {
		return nil, &refusal{Code: "InternalFailure", status: http.StatusInternalServerError, RequestID: id, Message: err.Error()}
	}
	return assumedRole{Namespace: namespace, Credentials: made, AssumedRoleID: roleID(now.ARN), Arn: now.ARN, RequestID: id}, nil
}

// policiesOf are the documents of the policies that a request hands over.
func policiesOf(form url.Values, id string) ([]string, *refusal) {
	var documents []string
	if document := form.Get("Policy"); document != "" {
		if _, err := iam.Parse(document); err != nil || len(document) > maxPolicy {
			return nil, invalid(id, "MalformedPolicyDocument", "The policy is not valid, or has more than %d characters: %v", maxPolicy, err)
		}
		documents = append(documents, document)
	}
	for n := 1; n <= maxPolicys; n++ {
		arn := form.Get(fmt.Sprintf("PolicyArns.member.%d.arn", n))
		if arn == "" {
			break
		}
		document, ok := iam.Managed(arn)
		if !ok {
			return nil, invalid(id, "MalformedPolicyDocument", "The policy %s is not known in this local cloud; hand it over as Policy", arn)
		}
		documents = append(documents, document)
	}
	if documents == nil {
		documents = []string{iam.Administrator}
	}
	return documents, nil
}

func invalid(id, code, format string, args ...any) *refusal {
	return &refusal{Code: code, status: http.StatusBadRequest, RequestID: id, Message: fmt.Sprintf(format, args...)}
}
