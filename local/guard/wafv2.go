package guard

import (
	"encoding/json"
	"strings"
)

// wafv2 has the web ACLs of scope CLOUDFRONT, whose ARNs are of us-east-1.
var wafv2 = table{
	"CreateWebACL":        written("CreateWebACL"),
	"GetWebACL":           webACL("GetWebACL"),
	"UpdateWebACL":        written("UpdateWebACL"),
	"DeleteWebACL":        webACL("DeleteWebACL"),
	"ListWebACLs":         everywhere("wafv2:ListWebACLs"),
	"ListTagsForResource": member("wafv2:ListTagsForResource", "ResourceARN", itself),
	"TagResource":         member("wafv2:TagResource", "ResourceARN", itself),
	"UntagResource":       member("wafv2:UntagResource", "ResourceARN", itself),
}

func itself(_ *request, arn string) string { return arn }

// webACL is for an action on the web ACL that a request names. What is only
// made has no id yet: its ARN is that of any.
func webACL(action string) row {
	return func(q *request) ([]Need, error) {
		var in struct{ ARN, Name, Id string } //nolint:revive // the API's name
		if err := q.decode(&in); err != nil {
			return nil, err
		}
		if in.ARN == "" {
			in.ARN = globalWAF(q, "webacl/"+in.Name+"/"+orAny(in.Id))
		}
		return one("wafv2:"+action, in.ARN)
	}
}

// written is for requests that give a web ACL its rules: who names managed rule
// groups needs the action on those, too, and who gives tags may tag.
func written(action string) row {
	return func(q *request) ([]Need, error) {
		needs, err := webACL(action)(q)
		if err != nil {
			return nil, err
		}
		var in struct {
			Rules json.RawMessage
			Tags  []any
		}
		if err := q.decode(&in); err != nil {
			return nil, err
		}
		if strings.Contains(string(in.Rules), `"ManagedRuleGroupStatement"`) {
			needs = append(needs, Need{Action: "wafv2:" + action, Resource: globalWAF(q, "managedruleset/*/*")})
		}
		if len(in.Tags) > 0 {
			needs = append(needs, Need{Action: "wafv2:TagResource", Resource: needs[0].Resource})
		}
		return needs, nil
	}
}

func globalWAF(q *request, resource string) string {
	return "arn:aws:wafv2:us-east-1:" + q.account + ":global/" + resource
}

func orAny(id string) string {
	if id == "" {
		return "*"
	}
	return id
}
