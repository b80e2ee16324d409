package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
)

// nightly is the name of the schedule that begins each night's work.
const nightly = "mayfly-nightly"

// installNight makes the schedule of the nightly machine, as CDK does, or takes
// it away. One that is there already, and the same, stays as it is: what it
// missed while nothing ran is made up.
func (c clients) installNight(ctx context.Context, at string, now time.Time) error {
	there, err := c.schedules.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: aws.String(nightly)})
	var missing *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &missing) {
		return fmt.Errorf("look for the schedule of nights: %w", err)
	}
	known := err == nil
	if at == NoNight {
		if known {
			if _, err := c.schedules.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: aws.String(nightly)}); err != nil {
				return fmt.Errorf("take the schedule of nights away: %w", err)
			}
		}
		return nil
	}
	hour, err := night.ParseHour(at, now)
	if err != nil {
		return fmt.Errorf("--night: %w", err)
	}
	expression, zone := hour.Cron(), hour.ZoneName()
	window := &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}
	description := aws.String("Decides each night what is to be taken away")
	target := &types.Target{
		Arn: aws.String(machineARN("nightly")), RoleArn: aws.String(roleARN("mayfly")), Input: aws.String("{}"),
		RetryPolicy:      &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(2 * 60 * 60), MaximumRetryAttempts: aws.Int32(3)},
		DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(deadLetterARN)},
	}
	switch {
	case !known:
		_, err = c.schedules.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
			Name: aws.String(nightly), Description: description, ScheduleExpression: &expression, ScheduleExpressionTimezone: &zone, FlexibleTimeWindow: window, Target: target,
		})
	case aws.ToString(there.ScheduleExpression) != expression || aws.ToString(there.ScheduleExpressionTimezone) != zone || there.State != types.ScheduleStateEnabled:
		_, err = c.schedules.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
			Name: aws.String(nightly), Description: description, ScheduleExpression: &expression, ScheduleExpressionTimezone: &zone, FlexibleTimeWindow: window, Target: target,
		})
	}
	if err != nil {
		return fmt.Errorf("install the schedule of nights: %w", err)
	}
	return nil
}

// night is what step decidenight knows of this machine.
func (s steps) night() decidenight.Options {
	return decidenight.Options{
		Sleep: machineARN("sleep"), Teardown: machineARN("teardown"), Page: decidenight.Page, Interval: time.Second / sweepRate, Notices: s.notices(), Now: s.now,
	}
}

// notices tells of what people should know, on the event bus of this machine.
func (s steps) notices() notice.Teller {
	return notice.Teller{Bus: s.events, Stage: stage, Now: s.now}
}

// settleEvery is how often a night looks at what it started: as often as it can
// have ended, within reason.
func (s steps) settleEvery() time.Duration {
	return min(max(s.propagation/2, time.Second), time.Minute)
}
