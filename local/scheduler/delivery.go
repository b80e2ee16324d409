package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Targets calls the targets of schedules.
type Targets interface {
	// Deliver hands an input to a target, and returns once the target has taken it
	// over. It may be called several times for one run: after a failure, and after
	// a crash even when the target had taken it. An error is tried again unless it
	// is, or wraps, a *TargetError that says otherwise.
	Deliver(ctx context.Context, d Delivery) error
}

// Delivery is what a target gets.
type Delivery struct {
	// ID is that of the run: the same for every attempt, and for no other run.
	ID          string
	ScheduleARN string
	TargetARN   string
	RoleARN     string
	// Scheduled is the time that the expression names.
	Scheduled time.Time
	Input     []byte
	// Attempt counts from 1.
	Attempt int
	// MessageGroupID is for FIFO queues; Source and DetailType are for event buses.
	MessageGroupID, Source, DetailType string
}

// TargetError is a failed delivery.
type TargetError struct {
	// Code is what a dead letter has as its ERROR_CODE.
	Code string
	// Final says that trying again is of no use.
	Final bool
	Err   error
}

// Error returns code and message.
func (e *TargetError) Error() string { return e.Code + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }

// DeadLetters keeps runs that failed for good.
type DeadLetters interface {
	// Keep puts a run's input in the queue with an ARN, with the attributes that
	// EventBridge Scheduler gives it. An error is tried again.
	Keep(ctx context.Context, queueARN, body string, attributes map[string]string) error
}

// run is one that no target has taken over yet. Times are in milliseconds since
// 1970.
type run struct {
	id, group, name       string
	target                target
	scheduled, since, due int64
	attempts              int
}

func (s *Service) delivery(r *run) Delivery {
	d := Delivery{
		ID: r.id, ScheduleARN: s.scheduleARN(r.group, r.name), TargetARN: r.target.Arn, RoleARN: r.target.RoleArn,
		Scheduled: time.UnixMilli(r.scheduled).UTC(), Attempt: r.attempts + 1,
	}
	d.Input = s.input(r, &d)
	if p := r.target.SqsParameters; p != nil {
		d.MessageGroupID = p.MessageGroupID
	}
	if p := r.target.EventBridgeParameters; p != nil {
		d.Source, d.DetailType = p.Source, p.DetailType
	}
	return d
}

// input is the schedule's own, with the words that AWS replaces in it, or the
// event that AWS makes where there is none.
func (s *Service) input(r *run, d *Delivery) []byte {
	if r.target.Input != nil {
		return []byte(strings.NewReplacer(
			"<aws.scheduler.schedule-arn>", d.ScheduleARN,
			"<aws.scheduler.scheduled-time>", d.Scheduled.Format(time.RFC3339),
			"<aws.scheduler.execution-id>", d.ID,
			"<aws.scheduler.attempt-number>", strconv.Itoa(d.Attempt),
		).Replace(*r.target.Input))
	}
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": d.ID, "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": s.o.Account, "region": s.o.Region,
		"time": d.Scheduled.Format(time.RFC3339), "resources": []string{d.ScheduleARN}, "detail": "{}",
	})
	if err != nil { // texts always marshal
		panic(err)
	}
	return event
}

// letter has the attributes of a dead letter. Exhausted is the limit of the
// retry policy that was reached, "" where trying again was of no use.
func letter(d *Delivery, err *TargetError, exhausted string) map[string]string {
	attributes := map[string]string{
		"ERROR_CODE": err.Code, "ERROR_MESSAGE": err.Err.Error(), "EXECUTION_ID": d.ID, "IS_PAYLOAD_TRUNCATED": "false",
		"RETRY_ATTEMPTS": strconv.Itoa(d.Attempt - 1), "SCHEDULED_TIME": d.Scheduled.Format(time.RFC3339), "SCHEDULE_ARN": d.ScheduleARN, "TARGET_ARN": d.TargetARN,
	}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	return attributes
}

// classified returns an error as a *TargetError.
func classified(err error) *TargetError {
	var failed *TargetError
	if errors.As(err, &failed) {
		return failed
	}
	return &TargetError{Code: "SDK_CLIENT_ERROR", Err: err}
}
