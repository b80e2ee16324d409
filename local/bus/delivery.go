package bus

import (
	"context"
	"errors"
	"time"
)

// Targets calls the targets of rules.
type Targets interface {
	// Deliver hands an input to a target, and returns once the target has taken it
	// over. It may be called several times for one delivery: after a failure, and
	// after a crash even when the target had taken it. An error is tried again
	// unless it is, or wraps, a *TargetError that says otherwise.
	Deliver(ctx context.Context, d Delivery) error
}

// Delivery is what a target gets.
type Delivery struct {
	// ID is the same for every attempt, and for no other delivery.
	ID        string
	EventID   string
	RuleARN   string
	TargetARN string
	RoleARN   string
	// Input is what the target makes of the event: JSON.
	Input []byte
	// Attempt counts from 1.
	Attempt int
	// MessageGroupID is for FIFO queues.
	MessageGroupID string
}

// TargetError is a failed delivery.
type TargetError struct {
	// Code is what a dead letter has as its ERROR_CODE: "NO_RESOURCE",
	// "NO_PERMISSIONS", "SDK_CLIENT_ERROR".
	Code string
	// Final says that trying again is of no use: the event goes to the dead-letter
	// queue at once.
	Final bool
	Err   error
}

// Error returns code and message.
func (e *TargetError) Error() string { return e.Code + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }

// classified returns an error as a *TargetError.
func classified(err error) *TargetError {
	var failed *TargetError
	if errors.As(err, &failed) {
		return failed
	}
	return &TargetError{Code: "SDK_CLIENT_ERROR", Err: err}
}

// DeadLetters keeps events that could not be delivered.
type DeadLetters interface {
	// Keep puts a letter in the queue with an ARN. An error is tried again.
	Keep(ctx context.Context, queueARN string, letter DeadLetter) error
}

// DeadLetter is an event that could not be delivered, and why.
type DeadLetter struct {
	// ID is that of the delivery.
	ID string
	// Event is the event itself, whatever the target would have got.
	Event              []byte
	RuleARN, TargetARN string
	// ErrorCode and ErrorMessage are of the last attempt.
	ErrorCode, ErrorMessage string
	// Exhausted is the limit of the retry policy that was reached:
	// "MaximumRetryAttempts", "MaximumEventAgeInSeconds", or "" when the error was
	// final.
	Exhausted string
	// Retries is how many attempts followed the first one.
	Retries int
}

// Attempt is what Options.Observe is told.
type Attempt struct {
	Delivery
	Err error
	// Retry says that there will be another attempt; without it and with an error,
	// the event is dead.
	Retry bool
}

// event is an event that was accepted.
type event struct {
	ID       string    `json:"id"`
	Text     []byte    `json:"text"`
	Ingested time.Time `json:"ingested"`
	Hops     int       `json:"hops,omitempty"`
}

// parcel is a delivery that is not done. Its fields above the line do not change;
// the couriers guard the others.
type parcel struct {
	ID       string `json:"id"`
	Event    *event `json:"-"`
	RuleARN  string `json:"ruleArn"`
	RuleName string `json:"ruleName"`
	Target   Target `json:"target"`

	Attempts int       `json:"attempts,omitempty"`
	Due      time.Time `json:"due"`
	// Dead is set when the event is to go to the dead-letter queue.
	Dead *DeadLetter `json:"dead,omitempty"`

	// held says that chaos lets the target's next parcel go first.
	held bool
	// place is where it is in the heap of those that wait.
	place int
}
