package guard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// request is what a row of a table looks at.
type request struct {
	*http.Request
	body            []byte
	account, region string
}

// A row says what an operation needs.
type row func(*request) ([]Need, error)

// A table has the operations of a service.
type table map[string]row

// tables are those of all services that do not decide for themselves, by the
// names of their credential scopes.
var tables = map[string]table{
	"cloudfront":    cloudfront,
	"dynamodb":      dynamodb,
	"ecr":           ecr("ecr"),
	"ecr-public":    ecr("ecr-public"),
	"events":        events,
	"lambda":        lambda,
	"monitoring":    monitoring,
	"scheduler":     scheduler,
	"sqs":           sqs,
	"states":        states,
	"sts":           sts,
	"wafv2":         wafv2,
	"servicequotas": servicequotas,
}

// prefixOf is what a service's actions begin with, by its credential scope.
func prefixOf(service string) string {
	if service == "monitoring" {
		return "cloudwatch"
	}
	return service
}

// arn is one of a service in the request's account and region.
func (q *request) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + q.region + ":" + q.account + ":" + resource
}

// decode reads the body of a JSON protocol.
func (q *request) decode(into any) error {
	if err := json.Unmarshal(q.body, into); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	return nil
}

// one is a single need.
func one(action, resource string) ([]Need, error) {
	return []Need{{Action: action, Resource: resource}}, nil
}

// nothing is for operations that everybody may do.
func nothing(*request) ([]Need, error) { return nil, nil }

// everywhere is for actions that AWS gives no resource to name.
func everywhere(action string) row {
	return func(*request) ([]Need, error) { return one(action, "*") }
}

// member is for an action on the resource whose name or ARN is a member of the
// request, made an ARN by arn.
func member(action, name string, arn func(q *request, value string) string) row {
	return func(q *request) ([]Need, error) {
		var members map[string]json.RawMessage
		if err := q.decode(&members); err != nil {
			return nil, err
		}
		var value string
		if raw, ok := members[name]; ok {
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, fmt.Errorf("member %s: %w", name, err)
			}
		}
		return one(action, arn(q, value))
	}
}

// segment is the i-th part of the path, from 0.
func (q *request) segment(i int) string {
	parts := strings.Split(strings.Trim(q.URL.EscapedPath(), "/"), "/")
	if i >= len(parts) {
		return ""
	}
	text, err := url.PathUnescape(parts[i])
	if err != nil {
		return parts[i]
	}
	return text
}
