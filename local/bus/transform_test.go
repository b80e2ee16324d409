package bus

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const transformed = `{"version":"0","id":"7bf7","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","account":"1","time":"2015-11-11T21:29:54Z","region":"us-east-1","resources":["arn:x","arn:y"],` +
	`"detail":{"instance-id":"i-0123","state":"RUN\"NING","n":1.50,"on":true,"none":null,"deep":{"list":[{"a":1},{"a":"two"},{"b":3}]}}}`

func TestInputs(t *testing.T) {
	paths := map[string]string{
		"instance": "$.detail.instance-id", "state": "$.detail.state", "n": "$.detail.n", "on": "$.detail.on", "none": "$.detail.none",
		"deep": "$.detail.deep", "second": "$.detail.deep.list[1].a", "all": "$.detail.deep.list[*].a", "members": "$.detail.deep.*",
		"missing": "$.detail.nothing.here", "whole": "$", "resource": "$.resources[0]",
	}
	for _, row := range []struct {
		name   string
		target Target
		want   string
	}{
		{"the event", Target{}, transformed},
		{"a constant", Target{Input: `{"a": [1]}`}, `{"a": [1]}`},
		{"a path", Target{InputPath: "$.detail.deep"}, `{"list":[{"a":1},{"a":"two"},{"b":3}]}`},
		{"a path to a leaf", Target{InputPath: "$.detail.instance-id"}, `"i-0123"`},
		{"the whole", Target{InputPath: "$"}, transformed},
		{"values", template(paths, `{"i": <instance>, "n": <n>, "on": <on>, "none": <none>, "deep": <deep>}`), `{"i": "i-0123", "n": 1.50, "on": true, "none": null, "deep": {"list":[{"a":1},{"a":"two"},{"b":3}]}}`},
		{"text", template(paths, `"<instance> is in state <state>"`), `"i-0123 is in state RUN\"NING"`},
		{"text in an object", template(paths, `{"a": "<instance> is \"<state>\"", "b": <instance>}`), `{"a": "i-0123 is \"RUN\"NING\"", "b": "i-0123"}`},
		{"anything else in text", template(paths, `"<n> <on> <none> <deep>"`), `"1.50 true null {\"list\":[{\"a\":1},{\"a\":\"two\"},{\"b\":3}]}"`},
		{"paths", template(paths, `[<second>, <all>, <members>, <resource>]`), `["two", [1,"two"], [[{"a":1},{"a":"two"},{"b":3}]], "arn:x"]`},
		{"nothing there", template(paths, `["<missing>", <missing>]`), `["", ""]`},
		{"several lines", template(paths, "\"<instance>\"\n\"<n>\""), "\"i-0123\"\n\"1.50\""},
		{"the rule", template(nil, `{"a": <aws.events.rule-arn>, "b": "<aws.events.rule-name>", "c": <aws.events.event.ingestion-time>}`), `{"a": "arn:rule/r", "b": "r", "c": "2026-11-16T01:54:34Z"}`},
		{"the event in a template", template(nil, `{"e": <aws.events.event.json>}`), `{"e": ` + transformed + `}`},
		{"the event without its detail", template(nil, `<aws.events.event>`), `{"version":"0","id":"7bf7","detailType":"EC2 Instance State-change Notification","source":"aws.ec2","account":"1","time":"2015-11-11T21:29:54Z","region":"us-east-1","resources":["arn:x","arn:y"]}`},
		{"no placeholders", template(nil, `{"a": "1 < 2 > 0"}`), `{"a": "1 < 2 > 0"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := row.target.checkInput(); err != nil {
				t.Fatal(err)
			}
			got, err := row.target.input([]byte(transformed), "arn:rule/r", "r", time.Date(2026, 11, 16, 1, 54, 34, 9, time.UTC))
			if err != nil || string(got) != row.want {
				t.Errorf("%s, %v\nwant %s", got, err, row.want)
			}
		})
	}
}

func template(paths map[string]string, text string) Target {
	return Target{InputTransformer: &InputTransformer{InputPathsMap: paths, InputTemplate: text}}
}

func TestInputsThatCannotBe(t *testing.T) {
	missing := Target{InputPath: "$.detail.nothing"}
	if _, err := missing.input([]byte(transformed), "", "", time.Time{}); err == nil || !strings.Contains(err.Error(), "$.detail.nothing") {
		t.Errorf("nothing at a path: %v", err)
	}
	for _, text := range []string{"", "detail", "$detail", "$.", "$..a", "$[a]", "$['a']", "$.a[", "$.a[1", "$.a b", "$.a[-1]", "$.a[99999999999999999999]", "$.a?"} {
		if _, ok := parsePath(text); ok {
			t.Errorf("%q is a path", text)
		}
	}
}

// Whatever a template and an event are, an input is JSON or an error.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"a": <a>, "b": "x <a> \" <aws.events.event>"}`, `{"detail": {"a": "q\"uote\\"}}`)
	f.Add(`"<a"`, `{"detail": {"a": [1, {"b": "</a>"}]}}`)
	f.Add("\"<a>\"\n\"<a>\"", `{"detail": {"a": "\u003ca\u003e"}}`)
	f.Fuzz(func(t *testing.T, text, event string) {
		target := template(map[string]string{"a": "$.detail.a"}, text)
		if !json.Valid([]byte(event)) || target.checkInput() != nil {
			return
		}
		input, err := target.input([]byte(event), "arn", "r", time.Time{})
		if err == nil && validTemplate(input) != nil {
			t.Errorf("%q and %q make %q", text, event, input)
		}
	})
}

func TestSchedules(t *testing.T) {
	for expression, want := range map[string]bool{
		"rate(1 minute)": true, "rate(5 minutes)": true, "rate(1 hour)": true, "rate(2 days)": true,
		"rate(1 minutes)": false, "rate(5 minute)": false, "rate(0 minutes)": false, "rate(-1 minutes)": false, "rate(1 week)": false, "rate(1.5 hours)": false, "rate(5  minutes)": false,
		"cron(0 12 * * ? *)": true, "cron(15 10 ? * 6L 2019-2022)": true, "cron(0/5 8-17 ? * MON-FRI *)": true, "cron(0 9 ? * 2#1 *)": true,
		"cron(0 0 LW * ? *)": true, "cron(0 0 3W JAN,JUN ? *)": true, "cron(0 3 ? * * *)": true,
		"cron(0 12 * * * *)": false, "cron(0 12 ? * ? *)": false, "cron(0 12 * * ?)": false, "cron(60 12 * * ? *)": false, "cron(0 24 * * ? *)": false,
		"cron(0 12 * 13 ? *)": false, "cron(a 12 * * ? *)": false, "cron()": false, "0 12 * * ? *": false, "": false, "at(2022-01-01T00:00:00)": false,
	} {
		if got := validSchedule(expression); got != want {
			t.Errorf("%s: %v, want %v", expression, got, want)
		}
	}
}
