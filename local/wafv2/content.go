package wafv2

import (
	"fmt"

	"github.com/mayfly-dev/mayfly/local/wafv2/managed"
	"github.com/mayfly-dev/mayfly/pattern"
)

// content is what of a web ACL decides about requests.
type content struct {
	DefaultAction    *action
	Rules            []rule
	VisibilityConfig *visibility
}

// action is what becomes of a request, or of a group's decision: exactly one of
// its members is there.
type action struct {
	Allow, Block, Count, None *struct{} `json:",omitempty"`
}

// rule is one rule of a web ACL.
type rule struct {
	Name             string
	Priority         int
	Statement        statement
	Action           *action     `json:",omitempty"`
	OverrideAction   *action     `json:",omitempty"`
	VisibilityConfig *visibility `json:",omitempty"`
}

// visibility says under which name a web ACL or a rule is counted.
type visibility struct {
	SampledRequestsEnabled, CloudWatchMetricsEnabled bool
	MetricName                                       string
}

// statement is what a rule looks for: exactly one of its members is there.
type statement struct {
	ManagedRuleGroupStatement *managedRuleGroup `json:",omitempty"`
	RateBasedStatement        *rateBased        `json:",omitempty"`
}

// managedRuleGroup names a list of rules that a vendor keeps.
type managedRuleGroup struct{ VendorName, Name string }

// rateBased is for whoever asks more than Limit times in a window of seconds.
type rateBased struct {
	Limit               int64
	EvaluationWindowSec int64
	AggregateKeyType    string
}

// window is how many seconds a rate is measured over; AWS's own is 300.
func (r *rateBased) window() int64 {
	if r.EvaluationWindowSec == 0 {
		return 300
	}
	return r.EvaluationWindowSec
}

// capacity is what a web ACL uses of its 5,000 units.
func (c *content) capacity() int {
	units := 0
	for _, r := range c.Rules {
		if group := r.Statement.ManagedRuleGroupStatement; group != nil {
			more, _ := managed.Capacity(group.Name)
			units += more
		} else {
			units += 2
		}
	}
	return units
}

var (
	names       = pattern.Of(`^[\w-]{1,128}$`)
	metricNames = pattern.Of(`^[\w#:./-]{1,128}$`)
)

// check returns the first rule of WAF's that the content breaks.
func (c *content) check() error {
	if c.DefaultAction == nil || (c.DefaultAction.Allow == nil) == (c.DefaultAction.Block == nil) {
		return invalid("DEFAULT_ACTION", "DefaultAction", "The parameter must have exactly one of Allow and Block.")
	}
	if err := c.VisibilityConfig.check(); err != nil {
		return err
	}
	seen, priorities := map[string]bool{}, map[int]bool{}
	for _, r := range c.Rules {
		switch {
		case !names().MatchString(r.Name):
			return invalid("RULE", r.Name, "The parameter contains formatting that is not valid.")
		case seen[r.Name]:
			return invalid("RULE", r.Name, "You have used the same name more than once.")
		case priorities[r.Priority]:
			return invalid("RULE", fmt.Sprint(r.Priority), "You have used the same priority more than once.")
		}
		seen[r.Name], priorities[r.Priority] = true, true
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *rule) check() error {
	if err := r.VisibilityConfig.check(); err != nil {
		return err
	}
	group, rate := r.Statement.ManagedRuleGroupStatement, r.Statement.RateBasedStatement
	switch {
	case (group == nil) == (rate == nil):
		return invalid("STATEMENT", r.Name, "The local WAF knows managed rule groups and rate-based statements, one to a rule.")
	case group != nil:
		return group.check(r)
	}
	return rate.check(r)
}

func (g *managedRuleGroup) check(of *rule) error {
	_, known := managed.Capacity(g.Name)
	switch {
	case g.VendorName != "AWS" || !known:
		return invalid("MANAGED_RULE_SET_STATEMENT", g.VendorName+"/"+g.Name, "The local WAF knows "+managed.CommonRuleSet+" and "+managed.KnownBadInputs+" of AWS.")
	case of.Action != nil || of.OverrideAction == nil || (of.OverrideAction.None == nil) == (of.OverrideAction.Count == nil):
		return invalid("RULE_ACTION", of.Name, "A rule with a rule group has an OverrideAction, exactly one of None and Count, and no Action.")
	}
	return nil
}

func (r *rateBased) check(of *rule) error {
	window := r.window()
	switch {
	case r.Limit < 10 || r.Limit > 2_000_000_000:
		return invalid("RATE_BASED_STATEMENT", fmt.Sprint(r.Limit), "The limit must be from 10 to 2000000000.")
	case window != 60 && window != 120 && window != 300 && window != 600:
		return invalid("RATE_BASED_STATEMENT", fmt.Sprint(window), "The evaluation window must be one of 60, 120, 300 and 600 seconds.")
	case r.AggregateKeyType != "IP":
		return invalid("RATE_BASED_STATEMENT", r.AggregateKeyType, "The local WAF counts by IP alone.")
	case of.OverrideAction != nil || of.Action == nil || of.Action.None != nil || (of.Action.Block == nil) == (of.Action.Count == nil):
		return invalid("RULE_ACTION", of.Name, "A rate-based rule has an Action, exactly one of Block and Count, and no OverrideAction.")
	}
	return nil
}

func (v *visibility) check() error {
	switch {
	case v == nil:
		return invalid("VISIBILITY_CONFIG", "VisibilityConfig", "The parameter is missing.")
	case !metricNames().MatchString(v.MetricName) || v.MetricName == "All" || v.MetricName == "Default_Action":
		return invalid("METRIC_NAME", v.MetricName, "The parameter contains formatting that is not valid.")
	}
	return nil
}
