package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// carry makes one attempt to deliver a parcel, or to keep it as a dead letter.
func (c *couriers) carry(p *parcel) {
	if p.Dead == nil && !c.attempt(p) {
		return
	}
	if p.Dead != nil && !c.bury(p) {
		return
	}
	c.s.outbox.note(record{Done: p.ID})
	c.finish(p)
}

// attempt calls the target. It reports whether the parcel has come to an end:
// delivered, or dead.
func (c *couriers) attempt(p *parcel) bool {
	d := Delivery{
		ID: p.ID, EventID: p.Event.ID, RuleARN: p.RuleARN, TargetARN: p.Target.ARN, RoleARN: p.Target.RoleARN, Attempt: p.Attempts + 1,
	}
	if p.Target.SQSParameters != nil {
		d.MessageGroupID = p.Target.SQSParameters.MessageGroupID
	}
	err := c.call(p, &d)
	if err != nil && c.ctx.Err() != nil {
		// Stopped meanwhile: the attempt does not count.
		c.again(p)
		return false
	}
	retry := err != nil && c.failed(p, classified(err))
	if c.s.o.Observe != nil {
		c.s.o.Observe(Attempt{Delivery: d, Err: err, Retry: retry})
	}
	if retry {
		c.again(p)
	}
	return !retry
}

// failed notes a failed attempt, and reports whether there will be another one;
// otherwise the parcel is dead.
func (c *couriers) failed(p *parcel, err *TargetError) (retry bool) {
	now := c.s.o.Now()
	t := tried{ID: p.ID, Attempts: p.Attempts + 1, Due: now.Add(c.backoff(p.Attempts + 1))}
	exhausted := ""
	switch {
	case err.Final:
	case t.Attempts > p.Target.retries():
		exhausted = "MaximumRetryAttempts"
	case t.Due.After(p.Event.Ingested.Add(time.Duration(p.Target.age()) * time.Second)):
		exhausted = "MaximumEventAgeInSeconds"
	default:
		retry = true
	}
	if !retry {
		t.Due = now
		t.Dead = &DeadLetter{
			ID: p.ID, Event: p.Event.Text, RuleARN: p.RuleARN, TargetARN: p.Target.ARN,
			ErrorCode: err.Code, ErrorMessage: err.Err.Error(), Exhausted: exhausted, Retries: p.Attempts,
		}
	}
	c.mu.Lock()
	p.Attempts, p.Due, p.Dead = t.Attempts, t.Due, t.Dead
	c.mu.Unlock()
	c.s.outbox.note(record{Tried: &t})
	return retry
}

// call makes the input and hands it over.
func (c *couriers) call(p *parcel, d *Delivery) error {
	var err error
	if d.Input, err = p.Target.input(p.Event.Text, p.RuleARN, p.RuleName, p.Event.Ingested); err != nil {
		return &TargetError{Code: "INVALID_JSON", Final: true, Err: err}
	}
	if strings.Contains(p.Target.ARN, ":event-bus/") {
		return c.s.forward(c.ctx, p.Target.ARN, p.Event)
	}
	if c.s.o.Targets == nil {
		return &TargetError{Code: "NO_RESOURCE", Final: true, Err: errors.New("no targets can be called here")}
	}
	return c.s.o.Targets.Deliver(c.ctx, *d) //nolint:wrapcheck // kept as the target's own words
}

// bury keeps a dead letter, and reports whether the parcel has come to its end.
func (c *couriers) bury(p *parcel) bool {
	queue := p.Target.DeadLetterConfig.arn()
	if queue == "" || c.s.o.DeadLetters == nil {
		c.s.o.Logger.Warn("an event could not be delivered, and is dropped: its target has no dead-letter queue",
			"event", p.Event.ID, "rule", p.RuleARN, "target", p.Target.ARN, "code", p.Dead.ErrorCode, "error", p.Dead.ErrorMessage, "retries", p.Dead.Retries)
		return true
	}
	err := c.s.o.DeadLetters.Keep(c.ctx, queue, *p.Dead)
	if err == nil {
		return true
	}
	if !errors.Is(err, context.Canceled) {
		c.s.o.Logger.Error("a dead letter could not be kept, and will be tried again", "event", p.Event.ID, "queue", queue, "error", fmt.Sprint(err))
	}
	c.mu.Lock()
	p.Due = c.s.o.Now().Add(slowest)
	c.mu.Unlock()
	c.again(p)
	return false
}

// Retries begin after a second or less, and take up to twice as long each time,
// up to ten minutes: 185 of them take about as long as EventBridge tries at
// most, 24 hours.
const (
	fastest = time.Second
	slowest = 10 * time.Minute
)

// backoff is how long to wait after a number of failed attempts.
func (c *couriers) backoff(failed int) time.Duration {
	wait := slowest
	if failed < 10 {
		wait = min(fastest<<(failed-1), slowest)
	}
	return time.Duration(float64(wait) * (0.5 + 0.5*c.s.o.Random()))
}
