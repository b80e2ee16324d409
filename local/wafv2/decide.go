package wafv2

import (
	"net"
	"net/http"
)

// The metrics of CloudWatch that tell what became of requests.
const (
	allowed = "AllowedRequests"
	blocked = "BlockedRequests"
	counted = "CountedRequests"
)

// defaultAction is the name under which requests are counted that no rule
// decided about.
const defaultAction = "Default_Action"

// Allows decides about a request by the web ACL with an ARN: its rules in the
// order of their priorities, until one blocks it, and then the default action.
// A web ACL that is not there allows everything, and so does a rule that can't
// be tried; that is logged.
func (s *Service) Allows(arn string, r *http.Request) bool {
	a, ok := (*s.acls.Load())[arn]
	if !ok {
		return true
	}
	for i := range a.Rules {
		rule := &a.Rules[i]
		found, ok := s.matches(a, rule, r)
		switch {
		case !ok:
		case rule.counts():
			s.tell(a, rule.VisibilityConfig, counted)
		default:
			s.o.Logger.Info("WAF blocked a request", "webACL", a.Name, "rule", rule.Name, "found", found)
			s.tell(a, rule.VisibilityConfig, blocked)
			return false
		}
	}
	byDefault := &visibility{CloudWatchMetricsEnabled: a.VisibilityConfig.CloudWatchMetricsEnabled, MetricName: defaultAction}
	if a.DefaultAction.Block != nil {
		s.tell(a, byDefault, blocked)
		return false
	}
	s.tell(a, byDefault, allowed)
	return true
}

// matches reports whether a rule matches, and what it found.
func (s *Service) matches(a *webACL, rule *rule, r *http.Request) (found string, ok bool) {
	if rate := rule.Statement.RateBasedStatement; rate != nil {
		address, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			address = r.RemoteAddr
		}
		return "rate", a.rates[rule.Name].exceeded(address, s.o.Now())
	}
	found, ok, err := s.managed.Inspect(rule.Statement.ManagedRuleGroupStatement.Name, r)
	if err != nil {
		s.o.Logger.Error("a rule of WAF could not be tried", "webACL", a.Name, "rule", rule.Name, "error", err)
		return "", false
	}
	return found, ok
}

// counts reports whether a rule only counts what it matches.
func (r *rule) counts() bool {
	return r.Action != nil && r.Action.Count != nil || r.OverrideAction != nil && r.OverrideAction.Count != nil
}

// tell counts what became of a request, for its rule and, where that decided,
// for all.
func (s *Service) tell(a *webACL, rule *visibility, metric string) {
	if rule.CloudWatchMetricsEnabled {
		s.o.Count(a.VisibilityConfig.MetricName, rule.MetricName, metric)
	}
	if metric != counted && a.VisibilityConfig.CloudWatchMetricsEnabled {
		s.o.Count(a.VisibilityConfig.MetricName, "ALL", metric)
	}
}
