package bus_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/bus"
)

func TestPutEventsMakesTheEnvelope(t *testing.T) {
	e := start(t, func(o *bus.Options) {
		o.Now = func() time.Time { return time.Date(2026, 11, 16, 1, 54, 34, 567e6, time.FixedZone("", 3600)) }
	})
	e.rule(t, "", "r", `{"source": ["app"]}`, function("f"))
	timed := entry("app", "De\"tail", " {\"a\" : 1.50, \"b\": \"<é>\"} ")
	timed.Resources = []string{"arn:x", "arn:y"}
	timed.Time = aws.Time(time.Date(2019, 11, 16, 1, 54, 34, 0, time.UTC))
	out := e.put(t, timed, entry("app", "t", "{}"))
	e.idle(t)
	want := map[string]string{
		*out.Entries[0].EventId: `{"version":"0","id":"` + *out.Entries[0].EventId + `","detail-type":"De\"tail","source":"app","account":"000000000000","time":"2019-11-16T01:54:34Z","region":"us-east-1","resources":["arn:x","arn:y"],"detail":{"a":1.50,"b":"<é>"}}`,
		*out.Entries[1].EventId: `{"version":"0","id":"` + *out.Entries[1].EventId + `","detail-type":"t","source":"app","account":"000000000000","time":"2026-11-16T00:54:34Z","region":"us-east-1","resources":[],"detail":{}}`,
	}
	got := e.target.deliveries()
	if len(got) != 2 {
		t.Fatalf("%d deliveries", len(got))
	}
	for _, d := range got {
		if string(d.Input) != want[d.EventID] {
			t.Errorf("event %s, want %s", d.Input, want[d.EventID])
		}
	}
}

func TestPutEventsRefusesEntries(t *testing.T) {
	e := start(t)
	e.rule(t, "", "r", `{"account": [{"exists": true}]}`, function("f"))
	nowhere := entry("app", "t", "{}")
	nowhere.EventBusName = aws.String("nowhere")
	without := func(change func(*types.PutEventsRequestEntry)) types.PutEventsRequestEntry {
		in := entry("app", "t", "{}")
		change(&in)
		return in
	}
	out := e.put(t,
		without(func(in *types.PutEventsRequestEntry) { in.Source = nil }),
		without(func(in *types.PutEventsRequestEntry) { in.DetailType = nil }),
		without(func(in *types.PutEventsRequestEntry) { in.Detail = nil }),
		entry("app", "t", "text"), entry("app", "t", `"text"`), entry("app", "t", "[]"), entry("app", "t", `{"a": }`),
		entry("aws.ecr", "t", "{}"), nowhere, entry("app", "t", "{}"))
	want := []struct{ code, message string }{
		{"InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."},
		{"InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."},
		{"InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."},
		{"MalformedDetail", "Detail is malformed."},
		{"MalformedDetail", "Detail is malformed."},
		{"MalformedDetail", "Detail is malformed."},
		{"MalformedDetail", "Detail is malformed."},
		{"NotAuthorizedForSourceException", "Not authorized for the source."},
		{"", ""}, // a bus that is not there takes events, and they are gone
		{"", ""},
	}
	if out.FailedEntryCount != 8 {
		t.Errorf("%d failed", out.FailedEntryCount)
	}
	for i, entry := range out.Entries {
		if aws.ToString(entry.ErrorCode) != want[i].code || aws.ToString(entry.ErrorMessage) != want[i].message || (entry.EventId != nil) != (want[i].code == "") {
			t.Errorf("entry %d: %s %s, id %v", i, aws.ToString(entry.ErrorCode), aws.ToString(entry.ErrorMessage), entry.EventId)
		}
	}
	e.idle(t)
	if got := e.target.deliveries(); len(got) != 1 || got[0].EventID != *out.Entries[9].EventId {
		t.Errorf("delivered %+v", got)
	}
}

func TestPutEventsRefusesRequests(t *testing.T) {
	e, ctx := start(t), t.Context()
	_, err := e.PutEvents(ctx, &api.PutEventsInput{Entries: []types.PutEventsRequestEntry{}})
	refused(t, "none", err, "ValidationException", "Value at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1")
	var many []types.PutEventsRequestEntry
	for range 11 {
		many = append(many, entry("app", "t", "{}"))
	}
	_, err = e.PutEvents(ctx, &api.PutEventsInput{Entries: many})
	refused(t, "eleven", err, "ValidationException", "Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
	for size, taken := range map[int]bool{256 << 10: true, 256<<10 + 1: false} {
		one := entry("app", "t", "{}")
		detail := `{"a":"` + strings.Repeat("x", size-len("app")-len("t")-len("arn")-14-len(`{"a":""}`)) + `"}`
		one.Detail, one.Resources, one.Time = &detail, []string{"arn"}, aws.Time(time.Unix(0, 0))
		_, err := e.PutEvents(ctx, &api.PutEventsInput{Entries: []types.PutEventsRequestEntry{one}})
		if taken && err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		if !taken {
			refused(t, "size", err, "ValidationException", "Total size of the entries in the request is over the limit.")
		}
	}
}

// The services of this cloud put AWS's own events, on the same way.
func TestPutInProcess(t *testing.T) {
	e := start(t)
	e.rule(t, "", "pushes", `{"source": ["aws.ecr"], "detail-type": ["ECR Image Action"], "detail": {"action-type": ["PUSH"], "result": ["SUCCESS"]}}`, function("f"))
	text, err := os.ReadFile("../../events/testdata/ecr-image-action.json")
	if err != nil {
		t.Fatal(err)
	}
	var sample events.EventBridge[json.RawMessage]
	if err := json.Unmarshal(text, &sample); err != nil {
		t.Fatal(err)
	}
	results, err := e.service.Put(t.Context(),
		bus.Entry{Source: sample.Source, DetailType: sample.DetailType, Detail: sample.Detail, Time: sample.Time, Resources: sample.Resources},
		bus.Entry{Source: events.SourceECR, DetailType: events.ECRImageAction, Detail: json.RawMessage(`{"action-type": "DELETE"}`)},
		bus.Entry{Source: events.SourceECR, DetailType: events.ECRImageAction})
	if err != nil || len(results) != 3 || results[0].ErrorCode != "" || results[2].ErrorCode != "InvalidArgument" {
		t.Fatalf("results %+v, %v", results, err)
	}
	e.idle(t)
	got := e.target.deliveries()
	if len(got) != 1 {
		t.Fatalf("%d deliveries", len(got))
	}
	var event, want events.ECRImageEvent
	if err := json.Unmarshal(got[0].Input, &event); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if event.Detail != want.Detail || event.ID != results[0].EventID || !event.Time.Equal(want.Time) || event.Account != account || event.Version != "0" {
		t.Errorf("event %+v", event)
	}
}

func TestOnlyEnabledRulesThatMatchDeliver(t *testing.T) {
	e, ctx := start(t), t.Context()
	e.rule(t, "", "on", `{"source": ["app"]}`, function("on"), function("on2"))
	e.rule(t, "", "off", `{"source": ["app"]}`, function("off"))
	e.rule(t, "", "other", `{"source": ["other"]}`, function("other"))
	if _, err := e.PutRule(ctx, &api.PutRuleInput{Name: aws.String("schedule"), ScheduleExpression: aws.String("rate(1 minute)")}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.PutTargets(ctx, &api.PutTargetsInput{Rule: aws.String("schedule"), Targets: []types.Target{function("schedule")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.DisableRule(ctx, &api.DisableRuleInput{Name: aws.String("off")}); err != nil {
		t.Fatal(err)
	}
	e.put(t, entry("app", "t", "{}"))
	e.idle(t)
	got := map[string]int{}
	for _, d := range e.target.deliveries() {
		got[d.TargetARN]++
	}
	if fmt.Sprint(got) != fmt.Sprint(map[string]int{*function("on").Arn: 1, *function("on2").Arn: 1}) {
		t.Errorf("delivered to %v", got)
	}
}

func TestBusesHandOn(t *testing.T) {
	e, ctx := start(t), t.Context()
	for _, name := range []string{"a", "b"} {
		if _, err := e.CreateEventBus(ctx, &api.CreateEventBusInput{Name: &name}); err != nil {
			t.Fatal(err)
		}
	}
	to := func(name string) types.Target {
		return types.Target{Id: &name, Arn: aws.String(arn("events", "event-bus/"+name)), DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(arn("sqs", "dead"))}}
	}
	e.rule(t, "", "on", `{"source": ["app"]}`, to("a"), to("missing"))
	e.rule(t, "a", "on", `{"source": ["app"]}`, to("b"), function("f"))
	e.rule(t, "b", "back", `{"source": ["app"]}`, to("a")) // in a circle
	out := e.put(t, entry("app", "t", "{}"))
	e.idle(t)
	got := e.target.deliveries()
	if len(got) != 3 || got[0].EventID != *out.Entries[0].EventId || !strings.Contains(string(got[0].Input), `"source":"app"`) {
		t.Errorf("%d deliveries: %+v", len(got), got)
	}
	codes := map[string]int{}
	for _, letter := range e.letters.kept {
		codes[letter.ErrorCode]++
	}
	if fmt.Sprint(codes) != "map[NO_RESOURCE:1 TOO_MANY_HOPS:1]" {
		t.Errorf("dead letters %v", codes)
	}
}
