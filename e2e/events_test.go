package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/bus"
)

const role = "arn:aws:iam::" + local.Account + ":role/events"

func (c *cloud) eventbridge() *eventbridge.Client { return eventbridge.NewFromConfig(c.aws()) }
func (c *cloud) sqs() *sqs.Client                 { return sqs.NewFromConfig(c.aws()) }

// machine makes a state machine of one state.
func (c *cloud) machine(t *testing.T, name, state string) (arn string) {
	t.Helper()
	out, err := c.sfn().CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, RoleArn: aws.String(role), Definition: aws.String(`{"StartAt": "S", "States": {"S": ` + state + `}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.StateMachineArn
}

// rule makes a rule with one target.
func (c *cloud) rule(t *testing.T, name, pattern string, target ebtypes.Target) {
	t.Helper()
	if _, err := c.eventbridge().PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern}); err != nil {
		t.Fatal(err)
	}
	target.Id, target.RoleArn = aws.String("t"), aws.String(role)
	if _, err := c.eventbridge().PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []ebtypes.Target{target}}); err != nil {
		t.Fatal(err)
	}
}

func (c *cloud) put(t *testing.T, source, detail string) (eventID string) {
	t.Helper()
	out, err := c.eventbridge().PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{
		{Source: &source, DetailType: aws.String("test"), Detail: &detail},
	}})
	if err != nil || out.FailedEntryCount != 0 {
		t.Fatalf("put events: %v, %+v", err, out)
	}
	return *out.Entries[0].EventId
}

// executions waits for a number of executions that succeeded.
func (c *cloud) executions(t *testing.T, machine string, n int) []sfntypes.ExecutionListItem {
	t.Helper()
	var all []sfntypes.ExecutionListItem
	eventually(t, fmt.Sprint(n, " executions"), func() (bool, error) {
		out, err := c.sfn().ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &machine, StatusFilter: sfntypes.ExecutionStatusSucceeded})
		if err != nil {
			return false, err
		}
		all = out.Executions
		return len(all) >= n, nil
	})
	if len(all) != n {
		t.Errorf("%d executions, want %d", len(all), n)
	}
	return all
}

func (c *cloud) input(t *testing.T, execution string) string {
	t.Helper()
	out, err := c.sfn().DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Input
}

func TestAnEventStartsAStateMachine(t *testing.T) {
	c := start(t, nil)
	machine := c.machine(t, "deploy", `{"Type": "Succeed"}`)
	c.rule(t, "deploy", `{"source": ["shop"], "detail": {"site": [{"prefix": "site-"}]}}`, ebtypes.Target{Arn: &machine, InputTransformer: &ebtypes.InputTransformer{
		InputPathsMap: map[string]string{"site": "$.detail.site"}, InputTemplate: aws.String(`{"site": <site>, "rule": <aws.events.rule-name>}`),
	}})
	c.put(t, "shop", `{"site": "other"}`)
	id := c.put(t, "shop", `{"site": "site-7"}`)
	all := c.executions(t, machine, 1)
	if !strings.HasPrefix(*all[0].Name, id+"_") {
		t.Errorf("execution %s of event %s", *all[0].Name, id)
	}
	if got := c.input(t, *all[0].ExecutionArn); got != `{"site": "site-7", "rule": "deploy"}` {
		t.Errorf("input %s", got)
	}
	// A duplicate is an execution of its own, as on AWS.
	c.events.SetChaos(bus.Chaos{Duplicate: 1})
	c.put(t, "shop", `{"site": "site-8"}`)
	c.executions(t, machine, 3)
}

// A push to the registry is an event, which a rule can catch.
func TestAPushStartsAStateMachine(t *testing.T) {
	c := start(t, nil)
	images := ecr.NewFromConfig(c.aws())
	repository, err := images.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("team/site")})
	if err != nil {
		t.Fatal(err)
	}
	token, err := images.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	machine := c.machine(t, "deploy", `{"Type": "Succeed"}`)
	c.rule(t, "pushes", `{"source": ["aws.ecr"], "detail-type": ["ECR Image Action"], "detail": {"action-type": ["PUSH"], "result": ["SUCCESS"]}}`, ebtypes.Target{Arn: &machine})

	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.NewTag(strings.Replace(*repository.Repository.RepositoryUri, "localhost", "127.0.0.1", 1)+":v1", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, image, remote.WithAuth(authn.FromConfig(authn.AuthConfig{Auth: *token.AuthorizationData[0].AuthorizationToken}))); err != nil {
		t.Fatal(err)
	}
	all := c.executions(t, machine, 1)
	var event events.ECRImageEvent
	if err := json.Unmarshal([]byte(c.input(t, *all[0].ExecutionArn)), &event); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	want := events.ECRImageDetail{
		Result: events.ECRSuccess, ActionType: events.ECRPush, RepositoryName: "team/site", ImageTag: "v1", ImageDigest: digest.String(),
	}
	event.Detail.ManifestMediaType, event.Detail.ArtifactMediaType = "", ""
	if event.Source != events.SourceECR || event.DetailType != events.ECRImageAction || event.Account != local.Account || event.Region != local.Region || event.Detail != want {
		t.Errorf("event %+v", event)
	}
}

// What cannot be delivered is in the target's dead-letter queue, which any SQS
// client reads; so is what is sent to a queue on purpose.
func TestQueuesAndDeadLetters(t *testing.T) {
	c := start(t, nil)
	dead := ebtypes.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:" + local.Region + ":" + local.Account + ":dead")}
	missing := "arn:aws:lambda:" + local.Region + ":" + local.Account + ":function:missing"
	c.rule(t, "missing", `{"source": ["missing"]}`, ebtypes.Target{Arn: &missing, DeadLetterConfig: &dead})
	failing := "arn:aws:lambda:" + local.Region + ":" + local.Account + ":function:mayfly-record" // wants another input
	c.rule(t, "failing", `{"source": ["failing"]}`, ebtypes.Target{Arn: &failing, DeadLetterConfig: &dead, RetryPolicy: &ebtypes.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}})
	queue, err := c.sqs().CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	// Step Functions' own integration puts the event for the queue.
	c.rule(t, "queue", `{"source": ["machine"]}`, ebtypes.Target{Arn: aws.String("arn:aws:sqs:" + local.Region + ":" + local.Account + ":orders"), InputPath: aws.String("$.detail")})
	machine := c.machine(t, "puts", `{"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": true, "Parameters": {"Entries": [{"Source": "machine", "DetailType": "t", "Detail": {"n.$": "$.n"}}]}}`)
	if _, err := c.sfn().StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine, Input: aws.String(`{"n": 5}`)}); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{missing: c.put(t, "missing", `{}`), failing: c.put(t, "failing", `{}`)}
	c.executions(t, machine, 1)
	if err := c.events.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := c.sqs().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl})
	if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != `{"n":5}` {
		t.Errorf("queue: %+v, %v", got, err)
	}
	url, err := c.sqs().GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("dead")})
	if err != nil {
		t.Fatal(err)
	}
	letters, err := c.sqs().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
	if err != nil || len(letters.Messages) != 2 {
		t.Fatalf("dead letters: %+v, %v", letters, err)
	}
	for _, m := range letters.Messages {
		told := map[string]string{}
		for name, a := range m.MessageAttributes {
			told[name] = *a.StringValue
		}
		wantCode, wantExhausted := "NO_RESOURCE", ""
		if told["TARGET_ARN"] == failing {
			wantCode, wantExhausted = "SDK_CLIENT_ERROR", "MaximumRetryAttempts"
		}
		var event events.EventBridge[json.RawMessage]
		if err := json.Unmarshal([]byte(*m.Body), &event); err != nil || event.ID != ids[told["TARGET_ARN"]] {
			t.Errorf("dead event %s, %v", *m.Body, err)
		}
		if told["ERROR_CODE"] != wantCode || told["EXHAUSTED_RETRY_CONDITION"] != wantExhausted || told["RETRY_ATTEMPTS"] != "0" || told["ERROR_MESSAGE"] == "" || !strings.Contains(told["RULE_ARN"], ":rule/") {
			t.Errorf("dead letter %v", told)
		}
	}
}

// Events that were accepted while a target was down are delivered after a
// restart of the whole cloud.
func TestEventsSurviveARestart(t *testing.T) {
	data := t.TempDir()
	c := start(t, func(config *local.Config) { config.Data = data })
	machine := c.machine(t, "deploy", `{"Type": "Succeed"}`)
	c.rule(t, "deploy", `{"source": ["shop"]}`, ebtypes.Target{Arn: &machine})
	c.events.Stop() // takes events, and delivers none
	for i := range 5 {
		c.put(t, "shop", fmt.Sprintf(`{"n": %d}`, i))
	}
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, func(config *local.Config) { config.Data = data })
	again.executions(t, machine, 5)
	if err := again.events.Idle(t.Context()); err != nil {
		t.Error(err)
	}
}
