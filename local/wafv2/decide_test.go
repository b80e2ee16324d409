package wafv2_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/local/wafv2"
)

func get(target string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://d1.cloudfront.localhost:4566"+target, nil)
	r.Header.Set("User-Agent", "Mozilla/5.0")
	r.Header.Set("Accept", "*/*")
	return r
}

const attack = "/?q=%3Cscript%3Ealert(1)%3C/script%3E"

// counts is what a service tells.
type counts map[string]int

func (c counts) add(webACL, rule, metric string) { c[webACL+" "+rule+" "+metric]++ }

func (c counts) want(t *testing.T, want counts) {
	t.Helper()
	if !maps.Equal(c, want) {
		t.Errorf("counted %v, want %v", c, want)
	}
	clear(c)
}

func TestTheRulesDecideInTheirOrder(t *testing.T) {
	told, now := counts{}, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	options := wafv2.Options{Dir: dir, Count: told.add, Now: func() time.Time { return now }}
	w := open(t, options)
	in := asked("acl")
	in.Rules[0].Statement.RateBasedStatement.Limit = aws.Int64(10)
	in.Rules[0], in.Rules[2] = in.Rules[2], in.Rules[0] // priorities count, not places
	made, err := w.CreateWebACL(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	arn := *made.Summary.ARN
	if !w.service.Allows(arn, get("/")) || w.service.Allows(arn, get(attack)) || w.service.Allows(arn, get("/?x=$%7Bjndi:ldap://e/a%7D")) {
		t.Error("decided otherwise")
	}
	told.want(t, counts{
		"acl Default_Action AllowedRequests": 1, "acl ALL AllowedRequests": 1, "acl ALL BlockedRequests": 2,
		"acl AWSManagedRulesCommonRuleSet BlockedRequests": 1, "acl AWSManagedRulesKnownBadInputsRuleSet BlockedRequests": 1,
	})
	for range 7 {
		w.service.Allows(arn, get("/"))
	}
	clear(told)
	if w.service.Allows(arn, get(attack)) {
		t.Error("too many are let through")
	}
	told.want(t, counts{"acl RateLimit BlockedRequests": 1, "acl ALL BlockedRequests": 1})
	now = now.Add(6 * time.Minute)
	if !w.service.Allows(arn, get("/")) {
		t.Error("it is never forgotten")
	}

	// A rule that only counts lets pass, and a web ACL may block by default.
	change := &sdk.UpdateWebACLInput{
		Name: made.Summary.Name, Id: made.Summary.Id, LockToken: made.Summary.LockToken, Scope: types.ScopeCloudfront, Rules: firewall.Rules(),
		DefaultAction: &types.DefaultAction{Allow: &types.AllowAction{}}, VisibilityConfig: firewall.Visibility("acl"),
	}
	change.Rules[0].Action = &types.RuleAction{Count: &types.CountAction{}}
	change.Rules[0].Statement.RateBasedStatement.Limit = aws.Int64(10)
	change.Rules[2].OverrideAction = &types.OverrideAction{Count: &types.CountAction{}}
	change.Rules[2].VisibilityConfig.CloudWatchMetricsEnabled = false
	changed, err := w.UpdateWebACL(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		w.service.Allows(arn, get("/"))
	}
	clear(told)
	if !w.service.Allows(arn, get(attack)) {
		t.Error("what is only counted is blocked")
	}
	told.want(t, counts{"acl RateLimit CountedRequests": 1, "acl Default_Action AllowedRequests": 1, "acl ALL AllowedRequests": 1})

	change.LockToken, change.Rules, change.DefaultAction = changed.NextLockToken, nil, &types.DefaultAction{Block: &types.BlockAction{}}
	if _, err := w.UpdateWebACL(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	clear(told)
	// Another process decides alike.
	w.close()
	w = open(t, options)
	if w.service.Allows(arn, get("/")) {
		t.Error("it allows by default")
	}
	told.want(t, counts{"acl Default_Action BlockedRequests": 1, "acl ALL BlockedRequests": 1})
	if !w.service.Allows(arn+"0", get(attack)) {
		t.Error("a web ACL that is not there decides")
	}
}
