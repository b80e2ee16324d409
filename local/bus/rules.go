package bus

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/bus/pattern"
)

// The states of a rule.
const (
	stateEnabled  = "ENABLED"
	stateDisabled = "DISABLED"
	stateAll      = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
)

type putRuleInput struct {
	Name, Description, EventBusName string
	EventPattern                    *string
	ScheduleExpression              string
	State                           string
	RoleARN                         string `json:"RoleArn"`
	Tags                            []tag
}

type putRuleOutput struct {
	RuleARN string `json:"RuleArn"`
}

func (s *Service) ruleARN(bus, name string) string {
	if bus != defaultBus {
		name = bus + "/" + name
	}
	return s.arn("rule/" + name)
}

func (in *putRuleInput) check() error {
	var c checks
	c.required(in.Name, "name")
	c.name(in.Name, "name")
	c.length(in.Description, "description", 512)
	c.length(in.ScheduleExpression, "scheduleExpression", 256)
	c.oneOf(in.State, "state", stateEnabled, stateDisabled, stateAll)
	if in.EventPattern != nil {
		c.length(*in.EventPattern, "eventPattern", pattern.MaxLength)
	}
	if err := c.err(); err != nil {
		return err
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	if in.EventPattern == nil && in.ScheduleExpression == "" {
		return invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if in.ScheduleExpression != "" {
		if busName(in.EventBusName) != defaultBus {
			return invalid("ScheduleExpression is supported only on the default event bus.")
		}
		if !validSchedule(in.ScheduleExpression) {
			return invalid("Parameter ScheduleExpression is not valid.")
		}
	}
	return nil
}

// putRule makes a rule or replaces it; the targets and tags of one that is there
// stay. A schedule is kept and told, and does nothing by itself.
func (s *Service) putRule(_ context.Context, in putRuleInput) (out putRuleOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	r := &rule{
		Name: in.Name, Schedule: in.ScheduleExpression, State: in.State, Description: in.Description, Role: in.RoleARN,
		Tags: tagMap(in.Tags),
	}
	if r.State == "" {
		r.State = stateEnabled
	}
	if in.EventPattern != nil {
		r.Pattern = *in.EventPattern
		if r.compiled, err = pattern.Compile([]byte(r.Pattern)); err != nil {
			return out, failf("InvalidEventPatternException", "%v", err)
		}
	}
	bus := busName(in.EventBusName)
	err = s.registry.change(bus, func(b *eventBus) error {
		old := b.Rules[r.Name]
		if old == nil && len(b.Rules) >= s.o.RuleQuota {
			return tooMany()
		}
		if old != nil {
			r.Targets, r.Tags = old.Targets, old.Tags
		}
		b.Rules[r.Name] = r
		return nil
	})
	if err != nil {
		return out, err
	}
	return putRuleOutput{s.ruleARN(bus, r.Name)}, nil
}

type ruleInput struct {
	Name, EventBusName string
}

// check returns the names of the bus and of the rule.
func (in *ruleInput) check() (bus, name string, err error) {
	var c checks
	c.required(in.Name, "name")
	c.name(in.Name, "name")
	return busName(in.EventBusName), in.Name, c.err()
}

type ruleOutput struct {
	ARN                string `json:"Arn"`
	Name               string
	EventBusName       string
	EventPattern       string `json:",omitempty"`
	ScheduleExpression string `json:",omitempty"`
	State              string
	Description        string `json:",omitempty"`
	RoleARN            string `json:"RoleArn,omitempty"`
	CreatedBy          string `json:",omitempty"`
}

func (s *Service) told(bus string, r *rule) ruleOutput {
	return ruleOutput{
		ARN: s.ruleARN(bus, r.Name), Name: r.Name, EventBusName: bus, EventPattern: r.Pattern, ScheduleExpression: r.Schedule,
		State: r.State, Description: r.Description, RoleARN: r.Role,
	}
}

// rule returns a rule of a bus.
func (s *Service) rule(bus, name string) (*rule, error) {
	b := s.registry.get(bus)
	if b == nil {
		return nil, noBus(bus)
	}
	if b.Rules[name] == nil {
		return nil, noRule(name, bus)
	}
	return b.Rules[name], nil
}

func (s *Service) describeRule(_ context.Context, in ruleInput) (out ruleOutput, err error) {
	bus, name, err := in.check()
	if err != nil {
		return out, err
	}
	r, err := s.rule(bus, name)
	if err != nil {
		return out, err
	}
	out = s.told(bus, r)
	out.CreatedBy = s.o.Account
	return out, nil
}

func (s *Service) enableRule(_ context.Context, in ruleInput) (nothing, error) {
	return s.setState(in, stateEnabled)
}

func (s *Service) disableRule(_ context.Context, in ruleInput) (nothing, error) {
	return s.setState(in, stateDisabled)
}

func (s *Service) setState(in ruleInput, state string) (nothing, error) {
	bus, name, err := in.check()
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.registry.changeRule(bus, name, func(r *rule) error {
		r.State = state
		return nil
	})
}

// deleteRule removes a rule without targets. AWS's Force is for the rules that
// its services manage, of which there are none here.
func (s *Service) deleteRule(_ context.Context, in ruleInput) (nothing, error) {
	bus, name, err := in.check()
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.registry.change(bus, func(b *eventBus) error {
		if r := b.Rules[name]; r != nil && len(r.Targets) > 0 {
			return invalid("Rule can't be deleted since it has targets.")
		}
		delete(b.Rules, name)
		return nil
	})
}

type listRulesInput struct {
	NamePrefix, EventBusName, NextToken string
	TargetARN                           string `json:"TargetArn"`
	Limit                               *int
}

// listed returns the rules that a list asks for, by name.
func (s *Service) listed(in *listRulesInput, wanted func(*rule) bool) (bus string, all []*rule, err error) {
	var c checks
	c.name(in.NamePrefix, "namePrefix")
	c.page(in.Limit, in.NextToken)
	if err := c.err(); err != nil {
		return "", nil, err
	}
	bus = busName(in.EventBusName)
	b := s.registry.get(bus)
	if b == nil {
		return "", nil, noBus(bus)
	}
	for _, name := range slices.Sorted(maps.Keys(b.Rules)) {
		if wanted(b.Rules[name]) {
			all = append(all, b.Rules[name])
		}
	}
	return bus, all, nil
}

type listRulesOutput struct {
	Rules     []ruleOutput
	NextToken string `json:",omitempty"`
}

func (s *Service) listRules(_ context.Context, in listRulesInput) (out listRulesOutput, err error) {
	bus, all, err := s.listed(&in, func(r *rule) bool { return strings.HasPrefix(r.Name, in.NamePrefix) })
	if err != nil {
		return out, err
	}
	if all, out.NextToken, err = page(all, in.Limit, in.NextToken); err != nil {
		return out, err
	}
	out.Rules = []ruleOutput{}
	for _, r := range all {
		out.Rules = append(out.Rules, s.told(bus, r))
	}
	return out, nil
}

type listRuleNamesOutput struct {
	RuleNames []string
	NextToken string `json:",omitempty"`
}

func (s *Service) listRuleNamesByTarget(_ context.Context, in listRulesInput) (out listRuleNamesOutput, err error) {
	var c checks
	c.required(in.TargetARN, "targetArn")
	if err := c.err(); err != nil {
		return out, err
	}
	_, all, err := s.listed(&in, func(r *rule) bool {
		return slices.ContainsFunc(r.Targets, func(t Target) bool { return t.ARN == in.TargetARN })
	})
	if err != nil {
		return out, err
	}
	if all, out.NextToken, err = page(all, in.Limit, in.NextToken); err != nil {
		return out, err
	}
	out.RuleNames = []string{}
	for _, r := range all {
		out.RuleNames = append(out.RuleNames, r.Name)
	}
	return out, nil
}
