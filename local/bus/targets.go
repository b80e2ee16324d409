package bus

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxTargets is AWS's quota of targets of a rule.
const maxTargets = 5

// Target is a target of a rule, as PutTargets takes it.
type Target struct {
	ID  string `json:"Id"`
	ARN string `json:"Arn"`
	// RoleARN is kept and handed to the target; nothing is checked against it.
	RoleARN string `json:"RoleArn,omitempty"`
	// At most one of these three says what the target gets; otherwise it gets the
	// event.
	Input            string            `json:",omitempty"`
	InputPath        string            `json:",omitempty"`
	InputTransformer *InputTransformer `json:",omitempty"`
	RetryPolicy      *RetryPolicy      `json:",omitempty"`
	DeadLetterConfig *deadLetterConfig `json:",omitempty"`
	SQSParameters    *SQSParameters    `json:"SqsParameters,omitempty"`
}

// InputTransformer makes a target's input of a template and parts of the event.
type InputTransformer struct {
	InputPathsMap map[string]string `json:",omitempty"`
	InputTemplate string
}

// RetryPolicy says when a target is given up.
type RetryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"` // 0 to 185
	MaximumEventAgeInSeconds *int `json:",omitempty"` // 60 to 86400
}

// SQSParameters are for queues.
type SQSParameters struct {
	MessageGroupID string `json:"MessageGroupId,omitempty"`
}

// The limits of a target without a retry policy.
const (
	defaultRetries = 185
	defaultAge     = 86400 // seconds
)

func (t *Target) retries() int {
	if t.RetryPolicy == nil || t.RetryPolicy.MaximumRetryAttempts == nil {
		return defaultRetries
	}
	return *t.RetryPolicy.MaximumRetryAttempts
}

// age is in seconds.
func (t *Target) age() int {
	if t.RetryPolicy == nil || t.RetryPolicy.MaximumEventAgeInSeconds == nil {
		return defaultAge
	}
	return *t.RetryPolicy.MaximumEventAgeInSeconds
}

// check adds what is wrong with the shape of the target.
func (t *Target) check(c *checks, at string) {
	c.required(t.ID, at+".id")
	c.name(t.ID, at+".id")
	c.required(t.ARN, at+".arn")
	c.length(t.ARN, at+".arn", 1600)
	c.length(t.RoleARN, at+".roleArn", 1600)
	c.length(t.Input, at+".input", 8192)
	c.length(t.InputPath, at+".inputPath", 256)
	if t.RetryPolicy != nil {
		c.between(t.RetryPolicy.MaximumRetryAttempts, at+".retryPolicy.maximumRetryAttempts", 0, defaultRetries)
		c.between(t.RetryPolicy.MaximumEventAgeInSeconds, at+".retryPolicy.maximumEventAgeInSeconds", 60, defaultAge)
	}
	if t.InputTransformer != nil {
		c.required(t.InputTransformer.InputTemplate, at+".inputTransformer.inputTemplate")
		c.length(t.InputTransformer.InputTemplate, at+".inputTransformer.inputTemplate", 8192)
		c.size(len(t.InputTransformer.InputPathsMap), at+".inputTransformer.inputPathsMap", 0, 100)
		for name := range t.InputTransformer.InputPathsMap {
			c.length(name, at+".inputTransformer.inputPathsMap", 256)
			c.matches(name, at+".inputTransformer.inputPathsMap", variables)
		}
	}
}

var (
	variables = regexp.MustCompile(`^(?:[A-Za-z0-9\_\-]+)$`)
	queues    = regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$`)
)

// refusal is what is wrong with the content of the target.
func (t *Target) refusal() error {
	if !arns.MatchString(t.ARN) {
		return invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.ARN)
	}
	if strings.HasPrefix(t.ARN, "arn:aws:states:") && t.RoleARN == "" {
		return invalid("RoleArn is required for target %s.", t.ARN)
	}
	if queue := t.DeadLetterConfig.arn(); queue != "" && !queues.MatchString(queue) {
		return invalid("Parameter %s is not valid. Reason: A dead-letter queue must be a standard Amazon SQS queue.", queue)
	}
	given := 0
	for _, there := range []bool{t.Input != "", t.InputPath != "", t.InputTransformer != nil} {
		if there {
			given++
		}
	}
	if given > 1 {
		return invalid("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", t.ID)
	}
	return t.checkInput()
}

type putTargetsInput struct {
	Rule, EventBusName string
	Targets            []Target
	IDs                []string `json:"Ids"`
}

// check returns the names of the bus and of the rule.
func (in *putTargetsInput) check(c *checks) (bus, name string, err error) {
	c.required(in.Rule, "rule")
	c.name(in.Rule, "rule")
	return busName(in.EventBusName), in.Rule, c.err()
}

type targetsOutput struct {
	FailedEntryCount int
	FailedEntries    []failedTarget
}

type failedTarget struct {
	TargetID     string `json:"TargetId"`
	ErrorCode    string
	ErrorMessage string
}

// putTargets adds targets, or replaces those with the same identifiers. As on
// AWS, one that cannot be taken refuses the whole request.
func (s *Service) putTargets(_ context.Context, in putTargetsInput) (out targetsOutput, err error) {
	var c checks
	c.size(len(in.Targets), "targets", 1, 100)
	for i := range in.Targets {
		in.Targets[i].check(&c, fmt.Sprintf("targets.%d.member", i+1))
	}
	bus, name, err := in.check(&c)
	if err != nil {
		return out, err
	}
	for i := range in.Targets {
		if err := in.Targets[i].refusal(); err != nil {
			return out, err
		}
	}
	out.FailedEntries = []failedTarget{}
	return out, s.registry.changeRule(bus, name, func(r *rule) error {
		for _, t := range in.Targets {
			if i := slices.IndexFunc(r.Targets, func(old Target) bool { return old.ID == t.ID }); i >= 0 {
				r.Targets[i] = t
			} else {
				r.Targets = append(r.Targets, t)
			}
		}
		if len(r.Targets) > maxTargets {
			return tooMany()
		}
		return nil
	})
}

// removeTargets removes targets; one that is not there is removed already.
func (s *Service) removeTargets(_ context.Context, in putTargetsInput) (out targetsOutput, err error) {
	var c checks
	c.size(len(in.IDs), "ids", 1, 100)
	for i, id := range in.IDs {
		c.name(id, fmt.Sprintf("ids.%d.member", i+1))
	}
	bus, name, err := in.check(&c)
	if err != nil {
		return out, err
	}
	out.FailedEntries = []failedTarget{}
	return out, s.registry.changeRule(bus, name, func(r *rule) error {
		r.Targets = slices.DeleteFunc(r.Targets, func(t Target) bool { return slices.Contains(in.IDs, t.ID) })
		return nil
	})
}

type listTargetsOutput struct {
	Targets   []Target
	NextToken string `json:",omitempty"`
}

func (s *Service) listTargetsByRule(_ context.Context, in struct {
	Rule, EventBusName, NextToken string
	Limit                         *int
},
) (out listTargetsOutput, err error) {
	var c checks
	c.page(in.Limit, in.NextToken)
	named := putTargetsInput{Rule: in.Rule, EventBusName: in.EventBusName}
	bus, name, err := named.check(&c)
	if err != nil {
		return out, err
	}
	r, err := s.rule(bus, name)
	if err != nil {
		return out, err
	}
	out.Targets, out.NextToken, err = page(append([]Target{}, r.Targets...), in.Limit, in.NextToken)
	return out, err
}
