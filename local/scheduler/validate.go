package scheduler

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/scheduler/expression"
)

// checks collects what is wrong with a request, as AWS tells it: all at once.
type checks []string

func (c *checks) addf(value, at, format string, args ...any) {
	shown := "Value null"
	if value != "" {
		shown = "Value '" + value + "'"
	}
	*c = append(*c, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", shown, at, fmt.Sprintf(format, args...)))
}

func (c *checks) length(value, at string, least, most int) {
	switch n := utf8.RuneCountInString(value); {
	case least > 0 && value == "":
		c.addf("", at, "Member must not be null")
	case n > most:
		c.addf(value, at, "Member must have length less than or equal to %d", most)
	}
}

func (c *checks) matches(value, at string, pattern *regexp.Regexp) {
	if value != "" && !pattern.MatchString(value) {
		c.addf(value, at, "Member must satisfy regular expression pattern: %s", pattern)
	}
}

func (c *checks) oneOf(value, at string, all ...string) {
	if !slices.Contains(all, value) {
		c.addf(value, at, "Member must satisfy enum value set: [%s]", strings.Join(all, ", "))
	}
}

func (c *checks) between(value *int, at string, least, most int) {
	switch {
	case value == nil:
	case *value < least:
		c.addf(fmt.Sprint(*value), at, "Member must have value greater than or equal to %d", least)
	case *value > most:
		c.addf(fmt.Sprint(*value), at, "Member must have value less than or equal to %d", most)
	}
}

func (c *checks) name(value, at string) {
	c.length(value, at, 1, 64)
	c.matches(value, at, names)
}

func (c *checks) tags(tags []tag) {
	for _, t := range tags {
		c.length(t.Key, "tags.key", 1, 128)
		c.length(t.Value, "tags.value", 0, 256)
	}
	if len(tags) > 50 {
		c.addf(fmt.Sprint(len(tags)), "tags", "Member must have length less than or equal to 50")
	}
}

func (c *checks) err() error {
	switch len(*c) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: %s", (*c)[0])
	}
	return invalid("%d validation errors detected: %s", len(*c), strings.Join(*c, "; "))
}

var (
	names   = regexp.MustCompile(`^[0-9a-zA-Z-_.]+$`)
	arns    = regexp.MustCompile(`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$`)
	roles   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@\/-]+$`)
	queues  = regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+$`)
	sources = regexp.MustCompile(`^(?:[/\.\-_A-Za-z0-9]+)$`)
)

// The defaults of a target's retry policy, which are also its maxima: seconds,
// and attempts after the first.
const (
	maxAge      = 86400
	maxAttempts = 185
)

// check refuses a schedule that AWS would, and fills in its defaults.
func (d *definition) check(now time.Time) error {
	d.defaults()
	var c checks
	c.name(d.Name, "name")
	c.name(d.GroupName, "groupName")
	c.length(d.Description, "description", 0, 512)
	c.length(d.ScheduleExpression, "scheduleExpression", 1, 256)
	c.length(d.ScheduleExpressionTimezone, "scheduleExpressionTimezone", 1, 50)
	c.oneOf(d.State, "state", "ENABLED", "DISABLED")
	c.oneOf(d.ActionAfterCompletion, "actionAfterCompletion", "NONE", "DELETE")
	if d.FlexibleTimeWindow == nil {
		c.addf("", "flexibleTimeWindow", "Member must not be null")
	} else {
		c.oneOf(d.FlexibleTimeWindow.Mode, "flexibleTimeWindow.mode", "OFF", "FLEXIBLE")
		c.between(d.FlexibleTimeWindow.MaximumWindowInMinutes, "flexibleTimeWindow.maximumWindowInMinutes", 1, 1440)
	}
	if d.Target == nil {
		c.addf("", "target", "Member must not be null")
	} else {
		d.Target.check(&c)
	}
	if err := c.err(); err != nil {
		return err
	}
	if err := d.Target.supported(); err != nil {
		return err
	}
	return d.checkTimes(now)
}

func (d *definition) defaults() {
	for value, is := range map[*string]string{&d.GroupName: defaultGroup, &d.State: "ENABLED", &d.ActionAfterCompletion: "NONE", &d.ScheduleExpressionTimezone: "UTC"} {
		if *value == "" {
			*value = is
		}
	}
	if d.Target == nil {
		return
	}
	if d.Target.RetryPolicy == nil {
		d.Target.RetryPolicy = &retryPolicy{}
	}
	age, attempts := maxAge, maxAttempts
	if d.Target.RetryPolicy.MaximumEventAgeInSeconds == nil {
		d.Target.RetryPolicy.MaximumEventAgeInSeconds = &age
	}
	if d.Target.RetryPolicy.MaximumRetryAttempts == nil {
		d.Target.RetryPolicy.MaximumRetryAttempts = &attempts
	}
}

func (t *target) check(c *checks) {
	c.length(t.Arn, "target.arn", 1, 1600)
	c.matches(t.Arn, "target.arn", arns)
	c.length(t.RoleArn, "target.roleArn", 1, 1600)
	c.matches(t.RoleArn, "target.roleArn", roles)
	c.between(t.RetryPolicy.MaximumEventAgeInSeconds, "target.retryPolicy.maximumEventAgeInSeconds", 60, maxAge)
	c.between(t.RetryPolicy.MaximumRetryAttempts, "target.retryPolicy.maximumRetryAttempts", 0, maxAttempts)
	if t.DeadLetterConfig != nil {
		c.matches(t.DeadLetterConfig.Arn, "target.deadLetterConfig.arn", queues)
	}
	if p := t.EventBridgeParameters; p != nil {
		c.length(p.DetailType, "target.eventBridgeParameters.detailType", 1, 128)
		c.length(p.Source, "target.eventBridgeParameters.source", 1, 256)
		c.matches(p.Source, "target.eventBridgeParameters.source", sources)
	}
}

// supported refuses targets that are not on this machine, and inputs that
// theirs cannot take.
func (t *target) supported() error {
	service := strings.Split(t.Arn, ":")[2]
	switch service {
	case "states", "lambda", "events":
		if t.Input != nil && !json.Valid([]byte(*t.Input)) {
			return invalid("Provided Input is not well-formed JSON.")
		}
	case "sqs":
	default:
		return invalid("Provided Arn %s is not one of a target on this machine: a state machine, a function, a queue or an event bus.", t.Arn)
	}
	if t.EcsParameters != nil || t.KinesisParameters != nil || t.SageMakerPipelineParameters != nil {
		return invalid("Provided parameters are of another target than %s.", t.Arn)
	}
	if service == "events" && t.EventBridgeParameters == nil {
		return invalid("EventBridgeParameters must be provided for the target %s.", t.Arn)
	}
	return nil
}

func (d *definition) checkTimes(now time.Time) error {
	if w := d.FlexibleTimeWindow; (w.Mode == "FLEXIBLE") != (w.MaximumWindowInMinutes != nil) {
		if w.Mode == "FLEXIBLE" {
			return invalid("MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.")
		}
		return invalid("MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.")
	}
	zone, err := expression.LoadZone(d.ScheduleExpressionTimezone)
	if err != nil {
		return invalid("Invalid Time Zone: %s", d.ScheduleExpressionTimezone)
	}
	when, err := expression.Parse(d.ScheduleExpression, zone, now)
	if err != nil {
		return invalid("Invalid Schedule Expression %s.", d.ScheduleExpression)
	}
	if when.Once() {
		return nil // which has no dates
	}
	start, end := timeOf(d.StartDate), timeOf(d.EndDate)
	if !start.IsZero() && start.Before(now.Add(-5*time.Minute)) {
		return invalid("The StartDate you specify cannot be earlier than 5 minutes ago.")
	}
	if !end.IsZero() && !end.After(now) {
		return invalid("The EndDate you specify must be in the future.")
	}
	if !start.IsZero() && !end.IsZero() && !start.Before(end) {
		return invalid("The StartDate you specify must come before the EndDate.")
	}
	return nil
}
