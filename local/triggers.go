package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/mayfly-dev/mayfly/statemachine"
)

// deadLetterARN is the queue of what could not be started, as CDK names it.
const deadLetterARN = "arn:aws:sqs:" + Region + ":" + Account + ":mayfly-dead-letters"

// installTriggers makes the rule that starts the deploy machine when something
// happens to an image.
func (c clients) installTriggers(ctx context.Context) error {
	const rule = "mayfly-deploy"
	pattern, err := statemachine.DeployPattern(repositoryPrefix).JSON()
	if err != nil {
		return err
	}
	if _, err := c.events.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String(rule), Description: aws.String("Deploys what is pushed"), EventPattern: &pattern,
	}); err != nil {
		return fmt.Errorf("install the rule %s: %w", rule, err)
	}
	out, err := c.events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String(rule), Targets: []types.Target{{
		Id: aws.String("deploy"), Arn: aws.String(machineARN("deploy")), RoleArn: aws.String("arn:aws:iam::" + Account + ":role/mayfly"),
		RetryPolicy:      &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(24 * 60 * 60), MaximumRetryAttempts: aws.Int32(185)},
		DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(deadLetterARN)},
	}}})
	if err == nil && out.FailedEntryCount > 0 {
		err = fmt.Errorf("%s: %s", aws.ToString(out.FailedEntries[0].ErrorCode), aws.ToString(out.FailedEntries[0].ErrorMessage))
	}
	if err != nil {
		return fmt.Errorf("install the target of the rule %s: %w", rule, err)
	}
	return nil
}

// reconcile looks for missed pushes regularly, as a schedule does on AWS.
func (c *Cloud) reconcile(config Config, aws clients) {
	machine := machineARN("reconcile")
	c.every(config.Reconcile, func(ctx context.Context) {
		if _, err := aws.states.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine}); err != nil && ctx.Err() == nil {
			config.Logger.Error("missed pushes could not be looked for", "error", err)
		}
	})
}
