package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// The client retries throttling a few times by itself; a store that other
// writers keep busy needs more patience than that.
const (
	tries     = 12
	firstWait = 10 * time.Millisecond
	longest   = 2 * time.Second
)

// errConflict says that a condition of a write did not hold.
var errConflict = errors.New("a condition of the write did not hold")

// again runs do until it returns no passing error, with growing waits between.
func again(ctx context.Context, do func() error) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := classify(do())
		if err == nil || !passing(err) {
			return err
		}
		if try == tries {
			return fmt.Errorf("after %d tries: %w", tries, err)
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, longest)
	}
}

// pause waits between half of and the whole of wait, so that those who met
// once do not meet again.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// classify turns a failed condition, single or in a transaction, into
// errConflict. A transaction may be cancelled for several reasons at once: a
// condition that does not hold decides, since trying again can't help.
func classify(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return fmt.Errorf("%w: %w", errConflict, err)
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		for _, reason := range cancelled.CancellationReasons {
			if reason.Code != nil && *reason.Code == "ConditionalCheckFailed" {
				return fmt.Errorf("%w: %w", errConflict, err)
			}
		}
	}
	return err
}

// passing reports whether the same request may succeed a moment later.
func passing(err error) bool {
	if errors.Is(err, errConflict) {
		return false
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		for _, reason := range cancelled.CancellationReasons {
			if reason.Code == nil {
				continue
			}
			switch *reason.Code {
			case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
				return true
			}
		}
		return false
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException",
		"TransactionInProgressException", "TransactionConflictException", "InternalServerError", "ServiceUnavailable":
		return true
	}
	return false
}
