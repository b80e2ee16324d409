package bus_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/mayfly-dev/mayfly/local/bus"
)

func TestBuses(t *testing.T) {
	e, ctx := start(t), t.Context()
	described, err := e.DescribeEventBus(ctx, &api.DescribeEventBusInput{})
	if err != nil || *described.Name != "default" || *described.Arn != arn("events", "event-bus/default") || described.CreationTime == nil {
		t.Errorf("default bus: %+v, %v", described, err)
	}
	created, err := e.CreateEventBus(ctx, &api.CreateEventBusInput{
		Name: aws.String("orders"), Description: aws.String("of the shop"), DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(arn("sqs", "dead"))},
	})
	if err != nil || *created.EventBusArn != arn("events", "event-bus/orders") || *created.Description != "of the shop" {
		t.Errorf("create: %+v, %v", created, err)
	}
	_, err = e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String("orders")})
	refused(t, "twice", err, "ResourceAlreadyExistsException", "Event bus orders already exists.")
	_, err = e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String("default")})
	refused(t, "default", err, "ResourceAlreadyExistsException", "Event bus default already exists.")
	_, err = e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String("no way!")})
	refused(t, "name", err, "ValidationException", `1 validation error detected: Value 'no way!' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [/\.\-_A-Za-z0-9]+`)
	_, err = e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String("a/b")})
	refused(t, "slash", err, "ValidationException", "/")
	_, err = e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String("aws.partner/x"), EventSourceName: aws.String("aws.partner/x")})
	refused(t, "partner", err, "ResourceNotFoundException", "Event source")

	if _, err := e.UpdateEventBus(ctx, &api.UpdateEventBusInput{Name: aws.String("orders"), Description: aws.String("other")}); err != nil {
		t.Error(err)
	}
	described, err = e.DescribeEventBus(ctx, &api.DescribeEventBusInput{Name: created.EventBusArn})
	if err != nil || *described.Description != "other" || described.DeadLetterConfig != nil {
		t.Errorf("updated: %+v, %v", described, err)
	}
	for i := range 5 {
		if _, err := e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String(fmt.Sprint("x", i))}); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	in := &api.ListEventBusesInput{NamePrefix: aws.String("x"), Limit: aws.Int32(2)}
	for {
		out, err := e.ListEventBuses(ctx, in)
		if err != nil || len(out.EventBuses) > 2 {
			t.Fatalf("list: %v, %v", out, err)
		}
		for _, b := range out.EventBuses {
			names = append(names, *b.Name)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if !reflect.DeepEqual(names, []string{"x0", "x1", "x2", "x3", "x4"}) {
		t.Errorf("listed %q", names)
	}
	_, err = e.ListEventBuses(ctx, &api.ListEventBusesInput{Limit: aws.Int32(101)})
	refused(t, "limit", err, "ValidationException", "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100")
	_, err = e.ListEventBuses(ctx, &api.ListEventBusesInput{NextToken: aws.String("nonsense")})
	refused(t, "token", err, "ValidationException", "NextToken")

	e.rule(t, "orders", "r", `{"source": ["a"]}`)
	_, err = e.DeleteEventBus(ctx, &api.DeleteEventBusInput{Name: aws.String("orders")})
	refused(t, "with rules", err, "ValidationException", "rules")
	if _, err := e.DeleteRule(ctx, &api.DeleteRuleInput{Name: aws.String("r"), EventBusName: aws.String("orders")}); err != nil {
		t.Error(err)
	}
	for range 2 { // the second time there is nothing to do
		if _, err := e.DeleteEventBus(ctx, &api.DeleteEventBusInput{Name: aws.String("orders")}); err != nil {
			t.Error(err)
		}
	}
	_, err = e.DescribeEventBus(ctx, &api.DescribeEventBusInput{Name: aws.String("orders")})
	refused(t, "deleted", err, "ResourceNotFoundException", "Event bus orders does not exist.")
	_, err = e.UpdateEventBus(ctx, &api.UpdateEventBusInput{Name: aws.String("orders")})
	refused(t, "update deleted", err, "ResourceNotFoundException", "Event bus orders does not exist.")
	_, err = e.DeleteEventBus(ctx, &api.DeleteEventBusInput{Name: aws.String("default")})
	refused(t, "delete default", err, "ValidationException", "Cannot delete event bus default.")
}

func TestRules(t *testing.T) {
	e, ctx := start(t), t.Context()
	if _, err := e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: aws.String("orders")}); err != nil {
		t.Fatal(err)
	}
	const pattern = `{"source": ["a"],  "detail": {"b": [1]}}`
	for _, row := range []struct{ bus, arn string }{{"default", "rule/r"}, {"orders", "rule/orders/r"}} {
		in := &api.PutRuleInput{Name: aws.String("r"), EventBusName: &row.bus, EventPattern: aws.String(pattern), Description: aws.String("d"), RoleArn: aws.String("arn:aws:iam::1:role/r")}
		put, err := e.PutRule(ctx, in)
		if err != nil || *put.RuleArn != arn("events", row.arn) {
			t.Errorf("put: %v, %v", put, err)
		}
		out, err := e.DescribeRule(ctx, &api.DescribeRuleInput{Name: aws.String("r"), EventBusName: &row.bus})
		if err != nil || *out.Arn != *put.RuleArn || *out.EventPattern != pattern || out.State != types.RuleStateEnabled || *out.CreatedBy != account ||
			*out.EventBusName != row.bus || *out.Description != "d" || *out.RoleArn != *in.RoleArn || out.ScheduleExpression != nil {
			t.Errorf("describe: %+v, %v", out, err)
		}
	}
	if _, err := e.PutRule(ctx, &api.PutRuleInput{Name: aws.String("nightly"), ScheduleExpression: aws.String("cron(0 3 ? * * *)"), State: types.RuleStateDisabled}); err != nil {
		t.Error(err)
	}
	listed, err := e.ListRules(ctx, &api.ListRulesInput{})
	if err != nil || len(listed.Rules) != 2 || *listed.Rules[0].Name != "nightly" || *listed.Rules[0].ScheduleExpression != "cron(0 3 ? * * *)" || listed.Rules[0].State != types.RuleStateDisabled {
		t.Errorf("list: %+v, %v", listed, err)
	}
	listed, err = e.ListRules(ctx, &api.ListRulesInput{NamePrefix: aws.String("r")})
	if err != nil || len(listed.Rules) != 1 || listed.NextToken != nil {
		t.Errorf("list by prefix: %+v, %v", listed, err)
	}
	for _, state := range []types.RuleState{types.RuleStateDisabled, types.RuleStateEnabled} {
		if state == types.RuleStateDisabled {
			_, err = e.DisableRule(ctx, &api.DisableRuleInput{Name: aws.String("r")})
		} else {
			_, err = e.EnableRule(ctx, &api.EnableRuleInput{Name: aws.String("r")})
		}
		out, describeErr := e.DescribeRule(ctx, &api.DescribeRuleInput{Name: aws.String("r")})
		if err != nil || describeErr != nil || out.State != state {
			t.Errorf("%s: %v, %v, %v", state, err, describeErr, out)
		}
	}
	_, err = e.EnableRule(ctx, &api.EnableRuleInput{Name: aws.String("nobody")})
	refused(t, "enable", err, "ResourceNotFoundException", "Rule nobody does not exist on EventBus default.")
	_, err = e.DescribeRule(ctx, &api.DescribeRuleInput{Name: aws.String("nobody"), EventBusName: aws.String("orders")})
	refused(t, "describe", err, "ResourceNotFoundException", "Rule nobody does not exist on EventBus orders.")
	_, err = e.ListRules(ctx, &api.ListRulesInput{EventBusName: aws.String("nowhere")})
	refused(t, "list", err, "ResourceNotFoundException", "Event bus nowhere does not exist.")

	e.rule(t, "", "r", `{"source": ["b"]}`, function("f"))
	for _, force := range []bool{false, true} { // AWS's force is for managed rules
		_, err = e.DeleteRule(ctx, &api.DeleteRuleInput{Name: aws.String("r"), Force: force})
		refused(t, "with targets", err, "ValidationException", "Rule can't be deleted since it has targets.")
	}
	e.rule(t, "", "r", `{"source": ["c"]}`) // replaced; the targets stay
	targets, err := e.ListTargetsByRule(ctx, &api.ListTargetsByRuleInput{Rule: aws.String("r")})
	if err != nil || len(targets.Targets) != 1 {
		t.Errorf("targets of a replaced rule: %v, %v", targets, err)
	}
	if _, err := e.RemoveTargets(ctx, &api.RemoveTargetsInput{Rule: aws.String("r"), Ids: []string{"f", "never"}}); err != nil {
		t.Error(err)
	}
	for range 2 {
		if _, err := e.DeleteRule(ctx, &api.DeleteRuleInput{Name: aws.String("r")}); err != nil {
			t.Error(err)
		}
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	e := start(t, func(o *bus.Options) { o.RuleQuota = 1 })
	e.rule(t, "", "only", `{"source": ["a"]}`)
	for _, row := range []struct {
		in         api.PutRuleInput
		code, text string
	}{
		{api.PutRuleInput{Name: aws.String("r")}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."},
		{api.PutRuleInput{Name: aws.String("a b"), EventPattern: aws.String(`{"a":[1]}`)}, "ValidationException", `Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`},
		{api.PutRuleInput{Name: aws.String(strings.Repeat("a", 65)), EventPattern: aws.String(`{"a":[1]}`)}, "ValidationException", "Member must have length less than or equal to 64"},
		{api.PutRuleInput{Name: aws.String(strings.Repeat("!", 65)), EventPattern: aws.String(`{"a":[1]}`)}, "ValidationException", "2 validation errors detected: "},
		{api.PutRuleInput{Name: aws.String("r"), State: "OFF", EventPattern: aws.String(`{"a":[1]}`)}, "ValidationException", "at 'state' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]"},
		{api.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"a":["` + strings.Repeat("x", 4096) + `"]}`)}, "ValidationException", "at 'eventPattern' failed to satisfy constraint: Member must have length less than or equal to 4096"},
		{api.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"a":[]}`)}, "InvalidEventPatternException", "Event pattern is not valid. Reason: Empty arrays are not allowed\n at [Source: (String)\"{\"a\":[]}\"; line: 1, column: 8]"},
		{api.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(``)}, "InvalidEventPatternException", "Filter is not an object"},
		{api.PutRuleInput{Name: aws.String("r"), ScheduleExpression: aws.String("rate(1 minutes)")}, "ValidationException", "Parameter ScheduleExpression is not valid."},
		{api.PutRuleInput{Name: aws.String("r"), ScheduleExpression: aws.String("rate(1 minute)"), EventBusName: aws.String("x")}, "ValidationException", "ScheduleExpression is supported only on the default event bus."},
		{api.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"a":[1]}`), EventBusName: aws.String("x")}, "ResourceNotFoundException", "Event bus x does not exist."},
		{api.PutRuleInput{Name: aws.String("second"), EventPattern: aws.String(`{"a":[1]}`)}, "LimitExceededException", "The requested resource exceeds the maximum number allowed."},
	} {
		_, err := e.PutRule(t.Context(), &row.in)
		refused(t, *row.in.Name, err, row.code, row.text)
	}
}

func TestTargets(t *testing.T) {
	e, ctx := start(t), t.Context()
	full := types.Target{
		Id: aws.String("states"), Arn: aws.String(arn("states", "stateMachine:m")), RoleArn: aws.String("arn:aws:iam::1:role/r"),
		InputTransformer: &types.InputTransformer{InputPathsMap: map[string]string{"a": "$.detail.a"}, InputTemplate: aws.String(`{"a": <a>}`)},
		RetryPolicy:      &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0), MaximumEventAgeInSeconds: aws.Int32(60)},
		DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(arn("sqs", "dead"))},
		SqsParameters:    &types.SqsParameters{MessageGroupId: aws.String("g")},
	}
	e.rule(t, "", "r", `{"source": ["a"]}`, full, function("f1"), function("f2"))
	e.rule(t, "", "other", `{"source": ["a"]}`, function("f1"))
	changed := function("f1")
	changed.Input = aws.String(`{"constant": true}`)
	e.rule(t, "", "r", `{"source": ["a"]}`, changed)
	out, err := e.ListTargetsByRule(ctx, &api.ListTargetsByRuleInput{Rule: aws.String("r"), Limit: aws.Int32(2)})
	if err != nil || !reflect.DeepEqual(out.Targets, []types.Target{full, changed}) {
		t.Errorf("listed %+v, %v", out, err)
	}
	out, err = e.ListTargetsByRule(ctx, &api.ListTargetsByRuleInput{Rule: aws.String("r"), NextToken: out.NextToken})
	if err != nil || len(out.Targets) != 1 || *out.Targets[0].Id != "f2" || out.NextToken != nil {
		t.Errorf("second page %+v, %v", out, err)
	}
	named, err := e.ListRuleNamesByTarget(ctx, &api.ListRuleNamesByTargetInput{TargetArn: function("f1").Arn})
	if err != nil || !reflect.DeepEqual(named.RuleNames, []string{"other", "r"}) {
		t.Errorf("rules of a target: %v, %v", named, err)
	}
	removed, err := e.RemoveTargets(ctx, &api.RemoveTargetsInput{Rule: aws.String("r"), Ids: []string{"f1"}})
	if err != nil || removed.FailedEntryCount != 0 {
		t.Errorf("remove: %v, %v", removed, err)
	}
	named, err = e.ListRuleNamesByTarget(ctx, &api.ListRuleNamesByTargetInput{TargetArn: function("f1").Arn})
	if err != nil || !reflect.DeepEqual(named.RuleNames, []string{"other"}) {
		t.Errorf("rules of a target: %v, %v", named, err)
	}
}

func TestTargetsThatAreRefused(t *testing.T) {
	e := start(t)
	e.rule(t, "", "r", `{"source": ["a"]}`)
	with := func(change func(*types.Target)) []types.Target {
		target := function("f")
		change(&target)
		return []types.Target{target}
	}
	var six []types.Target
	for i := range 6 {
		six = append(six, function(fmt.Sprint("f", i)))
	}
	for what, row := range map[string]struct {
		targets    []types.Target
		code, text string
	}{
		"none":       {[]types.Target{}, "ValidationException", "Value at 'targets' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"six":        {six, "LimitExceededException", "The requested resource exceeds the maximum number allowed."},
		"id":         {with(func(t *types.Target) { t.Id = aws.String("!@#$@!#$") }), "ValidationException", `1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`},
		"long id":    {with(func(t *types.Target) { t.Id = aws.String(strings.Repeat("x", 65)) }), "ValidationException", "at 'targets.1.member.id' failed to satisfy constraint: Member must have length less than or equal to 64"},
		"arn":        {with(func(t *types.Target) { t.Arn = aws.String("nonsense") }), "ValidationException", "Parameter nonsense is not valid. Reason: Provided Arn is not in correct format."},
		"role":       {with(func(t *types.Target) { t.Arn = aws.String(arn("states", "stateMachine:m")) }), "ValidationException", "RoleArn is required for target " + arn("states", "stateMachine:m") + "."},
		"two inputs": {with(func(t *types.Target) { t.Input, t.InputPath = aws.String("{}"), aws.String("$.detail") }), "ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided for target f."},
		"input":      {with(func(t *types.Target) { t.Input = aws.String("{") }), "ValidationException", "JSON syntax error in input for target f"},
		"path":       {with(func(t *types.Target) { t.InputPath = aws.String("detail") }), "ValidationException", "Invalid JsonPath for target f."},
		"retries":    {with(func(t *types.Target) { t.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)} }), "ValidationException", "Value '186' at 'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185"},
		"age":        {with(func(t *types.Target) { t.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(59)} }), "ValidationException", "Member must have value greater than or equal to 60"},
		"dead letters": {with(func(t *types.Target) {
			t.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(arn("sqs", "q.fifo"))}
		}), "ValidationException", "standard Amazon SQS queue"},
		"template":    {with(transformer(`no quotes <a>`)), "ValidationException", "Invalid InputTemplate for target f : "},
		"placeholder": {with(transformer(`"<b>"`)), "ValidationException", "InputTemplate for target f contains invalid placeholder b."},
		"reserved name": {with(func(t *types.Target) {
			t.InputTransformer = &types.InputTransformer{InputPathsMap: map[string]string{"x.y": "$.a"}, InputTemplate: aws.String(`"<a>"`)}
		}), "ValidationException", "inputPathsMap"},
		"path of a variable": {with(func(t *types.Target) {
			t.InputTransformer = &types.InputTransformer{InputPathsMap: map[string]string{"a": "$..a"}, InputTemplate: aws.String(`"<a>"`)}
		}), "ValidationException", "Invalid JsonPath in InputPathsMap for target f: $..a."},
	} {
		_, err := e.PutTargets(t.Context(), &api.PutTargetsInput{Rule: aws.String("r"), Targets: row.targets})
		refused(t, what, err, row.code, row.text)
	}
	_, err := e.PutTargets(t.Context(), &api.PutTargetsInput{Rule: aws.String("nobody"), Targets: []types.Target{function("f")}})
	refused(t, "rule", err, "ResourceNotFoundException", "Rule nobody does not exist on EventBus default.")
	_, err = e.RemoveTargets(t.Context(), &api.RemoveTargetsInput{Rule: aws.String("nobody"), Ids: []string{"f"}})
	refused(t, "remove", err, "ResourceNotFoundException", "Rule nobody does not exist on EventBus default.")
}

func transformer(template string) func(*types.Target) {
	return func(t *types.Target) {
		t.InputTransformer = &types.InputTransformer{InputPathsMap: map[string]string{"a": "$.detail.a"}, InputTemplate: &template}
	}
}

func TestTags(t *testing.T) {
	e, ctx := start(t), t.Context()
	if _, err := e.PutRule(ctx, &api.PutRuleInput{
		Name: aws.String("r"), EventPattern: aws.String(`{"a": [1]}`), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}},
	}); err != nil {
		t.Fatal(err)
	}
	for _, resource := range []string{arn("events", "rule/r"), arn("events", "event-bus/default")} {
		if _, err := e.TagResource(ctx, &api.TagResourceInput{ResourceARN: &resource, Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("x")}, {Key: aws.String("gone"), Value: aws.String("")}}}); err != nil {
			t.Error(err)
		}
		if _, err := e.UntagResource(ctx, &api.UntagResourceInput{ResourceARN: &resource, TagKeys: []string{"gone", "team"}}); err != nil {
			t.Error(err)
		}
		out, err := e.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceARN: &resource})
		if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "stage" || *out.Tags[0].Value != "x" {
			t.Errorf("%s: %v, %v", resource, out, err)
		}
	}
	for resource, want := range map[string]string{
		arn("events", "rule/nobody"): "ResourceNotFoundException", arn("events", "rule/x/r"): "ResourceNotFoundException",
		arn("events", "event-bus/x"): "ResourceNotFoundException", "nonsense": "ValidationException",
	} {
		_, err := e.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceARN: &resource})
		refused(t, resource, err, want, "")
	}
	var many []types.Tag
	for i := range 51 {
		many = append(many, types.Tag{Key: aws.String(fmt.Sprint(i)), Value: aws.String("")})
	}
	_, err := e.TagResource(ctx, &api.TagResourceInput{ResourceARN: aws.String(arn("events", "rule/r")), Tags: many[:50]})
	refused(t, "51 tags", err, "LimitExceededException", "maximum number")
}

func TestEventPatterns(t *testing.T) {
	e, ctx := start(t), t.Context()
	const event = `{"id": "1", "source": "order", "detail-type": "Test", "account": "1", "region": "us-east-1", "time": "2022-07-13T13:48:01Z"}`
	for pattern, want := range map[string]bool{`{"source": ["order"]}`: true, `{"source": ["shipment"]}`: false} {
		out, err := e.TestEventPattern(ctx, &api.TestEventPatternInput{Event: aws.String(event), EventPattern: &pattern})
		if err != nil || out.Result != want {
			t.Errorf("%s: %v, %v", pattern, out, err)
		}
	}
	for _, none := range []string{"", "text", `"text"`, "[]", "null", "{}", `{"id": "1", "source": "order"}`} {
		_, err := e.TestEventPattern(ctx, &api.TestEventPatternInput{Event: &none, EventPattern: aws.String(`{"source": ["order"]}`)})
		refused(t, none, err, "ValidationException", "Parameter Event is not valid.")
	}
	_, err := e.TestEventPattern(ctx, &api.TestEventPatternInput{Event: aws.String(event), EventPattern: aws.String(`{"source": "order"}`)})
	refused(t, "pattern", err, "InvalidEventPatternException", `"source" must be an object or an array`)
}

func TestUnknownRequests(t *testing.T) {
	e := start(t)
	for _, row := range []struct{ target, body, want string }{
		{"AWSEvents.CreateArchive", "{}", "UnknownOperationException"},
		{"Other.PutEvents", "{}", "UnknownOperationException"},
		{"AWSEvents.PutEvents", "{", "SerializationException"},
		{"AWSEvents.PutRule", `{"Name": 5}`, "SerializationException"},
		{"AWSEvents.PutEvents", `"` + strings.Repeat("x", 5<<20) + `"`, "RequestEntityTooLargeException"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(row.body))
		r.Header.Set("X-Amz-Target", row.target)
		w := httptest.NewRecorder()
		e.service.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), row.want) || w.Header().Get("Content-Type") != "application/x-amz-json-1.1" {
			t.Errorf("%s %.20s: %d %s", row.target, row.body, w.Code, w.Body)
		}
	}
}

// What was acknowledged is there after a restart.
func TestTheRegistrySurvives(t *testing.T) {
	dir := t.TempDir()
	t.Run("before", func(t *testing.T) {
		e := start(t, func(o *bus.Options) { o.Dir = dir })
		if _, err := e.CreateEventBus(t.Context(), &api.CreateEventBusInput{Name: aws.String("orders")}); err != nil {
			t.Fatal(err)
		}
		e.rule(t, "orders", "r", `{"source": ["a"]}`, function("f"))
	})
	t.Run("after", func(t *testing.T) {
		e := start(t, func(o *bus.Options) { o.Dir = dir })
		in := entry("a", "t", "{}")
		in.EventBusName = aws.String("orders")
		e.put(t, in)
		e.idle(t)
		if got := e.target.deliveries(); len(got) != 1 || got[0].RuleARN != arn("events", "rule/orders/r") {
			t.Errorf("delivered %+v", got)
		}
	})
}
