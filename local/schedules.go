package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/local/bus"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/scheduler"
	"github.com/mayfly-dev/mayfly/local/sqs"
)

// scheduler opens EventBridge Scheduler, which takes schedules from then on; it
// runs them once Step Functions is there, too.
func (c *Cloud) scheduler(folder *dataFolder, config Config, aws clients, functions *lambda.Service, queues *sqs.Service) error {
	var err error
	c.schedules, err = scheduler.New(scheduler.Options{
		Dir: folder.sub("scheduler"), Account: Account, Region: Region, Logger: config.Logger, Now: config.Now,
		Targets:     scheduled{targets{states: aws.states, functions: functions, queues: queues}, c.events},
		DeadLetters: lateRuns{queues},
	})
	if err != nil {
		return err
	}
	c.onClose(c.schedules.Close)
	return nil
}

// scheduled are the targets of schedules: those of rules, and event buses.
type scheduled struct {
	targets targets
	events  *bus.Service
}

// Deliver calls the target that an ARN names.
func (s scheduled) Deliver(ctx context.Context, d scheduler.Delivery) error {
	var err error
	if d.Source != "" {
		err = s.put(ctx, d)
	} else {
		err = s.targets.Deliver(ctx, bus.Delivery{
			ID: d.ID, EventID: d.ID, RuleARN: d.ScheduleARN, TargetARN: d.TargetARN, RoleARN: d.RoleARN, Input: d.Input, Attempt: d.Attempt, MessageGroupID: d.MessageGroupID,
		})
	}
	var failed *bus.TargetError
	if errors.As(err, &failed) {
		return &scheduler.TargetError{Code: failed.Code, Final: failed.Final, Err: failed.Err}
	}
	return err
}

func (s scheduled) put(ctx context.Context, d scheduler.Delivery) error {
	results, err := s.events.Put(ctx, bus.Entry{ID: d.ID, Bus: d.TargetARN, Source: d.Source, DetailType: d.DetailType, Detail: d.Input, Resources: []string{d.ScheduleARN}, Time: d.Scheduled})
	if err == nil && results[0].ErrorCode != "" {
		err = final(results[0].ErrorCode, errors.New(results[0].ErrorMessage))
	}
	return err
}

// lateRuns keeps runs that failed for good in queues. A queue that is not there
// is made rather than a run dropped.
type lateRuns struct{ queues *sqs.Service }

// Keep puts a run's input in the queue with an ARN.
func (q lateRuns) Keep(_ context.Context, queueARN, body string, attributes map[string]string) error {
	name := sqs.Name(queueARN)
	if err := q.queues.Create(name); err != nil {
		return fmt.Errorf("make the queue %s: %w", name, err)
	}
	kept := map[string]sqs.Attribute{}
	for key, value := range attributes {
		if value != "" {
			kept[key] = sqs.Attribute{DataType: "String", StringValue: value}
		}
	}
	_, err := q.queues.Send(name, body, kept)
	return err
}
