package e2e_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func (c *cloud) scheduler() *scheduler.Client { return scheduler.NewFromConfig(c.aws()) }

// TestASchedule starts a state machine, puts an event, and buries what it cannot
// start, all of it over the one port.
func TestASchedule(t *testing.T) {
	c := start(t, nil)
	machine := c.machine(t, "tick", `{"Type": "Succeed"}`)
	queue, err := c.sqs().CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("late")})
	if err != nil {
		t.Fatal(err)
	}
	schedule := func(name string, target types.Target) {
		t.Helper()
		target.RoleArn = aws.String(role)
		if _, err := c.scheduler().CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
			Name: &name, ScheduleExpression: aws.String("rate(1 day)"), FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}, Target: &target,
		}); err != nil {
			t.Fatal(err)
		}
	}
	schedule("tick", types.Target{Arn: &machine, Input: aws.String(`{"at": "<aws.scheduler.scheduled-time>"}`)})
	c.executions(t, machine, 1)

	schedule("gone", types.Target{
		Arn: aws.String(machine + "-gone"), Input: aws.String(`{}`), DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:us-east-1:000000000000:late")},
	})
	eventually(t, "a dead letter", func() (bool, error) {
		out, err := c.sqs().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MessageAttributeNames: []string{"All"}})
		if err != nil || len(out.Messages) == 0 {
			return false, err
		}
		m := out.Messages[0]
		if code := m.MessageAttributes["ERROR_CODE"].StringValue; aws.ToString(code) != "NO_RESOURCE" || *m.Body != "{}" {
			t.Errorf("buried %s as %s", *m.Body, aws.ToString(code))
		}
		return true, nil
	})

	c.rule(t, "ticks", `{"source": ["shop"]}`, ebtypes.Target{Arn: &machine})
	schedule("event", types.Target{
		Arn: aws.String("arn:aws:events:us-east-1:000000000000:event-bus/default"), Input: aws.String(`{"n": 1}`),
		EventBridgeParameters: &types.EventBridgeParameters{Source: aws.String("shop"), DetailType: aws.String("tick")},
	})
	c.executions(t, machine, 2)
}
