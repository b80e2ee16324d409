package invocation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/release"
)

// clock moves 250 ms each time that it is read.
func clock() func() time.Time {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(250 * time.Millisecond)
		return now
	}
}

func onLambda(ctx context.Context, function string) context.Context {
	ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5e1b4151-5ac6c58f3375f5e0b6b0a0e1;Parent=53995c3f42cd8ad8;Sampled=1") //nolint:staticcheck // the Lambda runtime's own key
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: "req-1", InvokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:" + function + ":live",
	})
}

func flow() events.Flow {
	return events.Flow{
		Sandbox:   events.Sandbox{ID: "2exbmj54fg", Name: "hello", Owner: "ann"},
		Execution: "arn:aws:states:us-east-1:000000000000:execution:mayfly-dev-provision:provision-2exbmj54fg",
	}
}

// TestOneLineForEachRun runs a step that ends in each way and reads its line.
func TestOneLineForEachRun(t *testing.T) {
	common := map[string]any{
		"step": "createbucket", "sandbox": "hello", "sandboxId": "2exbmj54fg", "execution": "provision-2exbmj54fg",
		"requestId": "req-1", "traceId": "1-5e1b4151-5ac6c58f3375f5e0b6b0a0e1", "durationMs": 250.0, "cold": true,
		"Stage": "dev", "Step": "createbucket", "StepDuration": 250.0, "level": "INFO", "msg": "step succeeded",
	}
	for _, test := range []struct {
		name string
		err  error
		want map[string]any // what differs from common
		// answer is the name under which Step Functions gets it.
		answer string
	}{
		{name: "success"},
		{
			name: "throttled", err: fmt.Errorf("create bucket b: %w", &smithy.GenericAPIError{Code: "SlowDown", Message: "Reduce your request rate"}),
			want:   map[string]any{"level": "WARN", "msg": "step failed", "error": "SlowDown", "cause": "create bucket b: api error SlowDown: Reduce your request rate", "StepErrors": 1.0},
			answer: "SlowDown",
		},
		{
			name: "a missing right", err: &smithy.GenericAPIError{Code: "AccessDenied", Message: "User: u is not authorized to perform: s3:CreateBucket"},
			want: map[string]any{
				"level": "ERROR", "msg": "step failed", "error": "AccessDenied", "StepErrors": 1.0, "Faults": 1.0,
				"cause": "api error AccessDenied: User: u is not authorized to perform: s3:CreateBucket",
			},
			answer: "AccessDenied",
		},
		{
			name: "of the domain, whose text is its owner's", err: fmt.Errorf("inspect: %w", &release.ContentError{Entry: "private.txt", Rule: "is a device"}),
			want:   map[string]any{"level": "INFO", "msg": "step failed", "error": "BadContent", "StepErrors": 1.0},
			answer: "BadContent",
		},
		{
			name: "a presigned URL", err: &url.Error{Op: "Get", URL: "https://b.s3.amazonaws.com/k?X-Amz-Signature=5ec7e7", Err: errors.New("EOF")},
			want: map[string]any{
				"level": "WARN", "msg": "step failed", "error": "NetworkError", "StepErrors": 1.0,
				"cause": `Get "https://b.s3.amazonaws.com/k": EOF`,
			},
			answer: "NetworkError",
		},
		{
			name: "without a name", err: errors.New("odd"),
			want:   map[string]any{"level": "ERROR", "msg": "step failed", "error": "Unclassified", "cause": "odd", "StepErrors": 1.0, "Faults": 1.0},
			answer: "Unclassified",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			handler := lambda.NewHandler(invocation.Handler(
				invocation.Options{Log: slog.New(slog.NewJSONHandler(&out, nil)), Now: clock()},
				func(context.Context, events.Flow) (events.Recorded, error) { return events.Recorded{}, test.err },
			))
			payload, _ := json.Marshal(flow())
			_, err := handler.Invoke(onLambda(t.Context(), "mayfly-dev-createbucket"), payload)
			var answered messages.InvokeResponse_Error
			if errors.As(err, &answered); answered.Type != test.answer {
				t.Errorf("answered %v, want the name %q", err, test.answer)
			}
			// The runtime logs what is answered, too: it says no more than the line.
			if cause, ok := test.want["cause"]; ok && answered.Message != cause {
				t.Errorf("answered %q, want %q", answered.Message, cause)
			}
			want := map[string]any{}
			for _, from := range []map[string]any{common, test.want} {
				for key, value := range from {
					want[key] = value
				}
			}
			var got map[string]any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%v: not one JSON line: %s", err, out.Bytes())
			}
			delete(got, "time")
			delete(got, "_aws")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			data, err := metric.Decode(out.Bytes())
			if err != nil || len(data) == 0 {
				t.Errorf("CloudWatch extracts %d metrics: %v", len(data), err)
			}
		})
	}
}

// TestAPanicIsToldAndPassesThrough: what it panicked with may be anything, and
// is not logged.
func TestAPanicIsToldAndPassesThrough(t *testing.T) {
	var out bytes.Buffer
	handler := invocation.Handler(
		invocation.Options{Log: slog.New(slog.NewJSONHandler(&out, nil)), Now: clock()},
		func(context.Context, events.Flow) (events.Recorded, error) { panic("5ec7e7") },
	)
	func() {
		defer func() {
			if cause := recover(); cause != "5ec7e7" {
				t.Errorf("recovered %v", cause)
			}
		}()
		_, err := handler(t.Context(), flow())
		t.Errorf("returned %v", err)
	}()
	if line := out.String(); !bytes.Contains(out.Bytes(), []byte(`"error":"Runtime.Panic"`)) || bytes.Contains(out.Bytes(), []byte("5ec7e7")) {
		t.Errorf("logged %s", line)
	}
}

// TestMetricsCanGoElsewhere: then the line has none, and a second run is not
// cold.
func TestMetricsCanGoElsewhere(t *testing.T) {
	var out bytes.Buffer
	var got []string
	handler := invocation.Handler(
		invocation.Options{Log: slog.New(slog.NewTextHandler(&out, nil)), Now: clock(), Metrics: func(data []metric.Datum) {
			for _, d := range data {
				got = append(got, fmt.Sprintf("%s %v %v", d.Name, d.Dimensions, d.Values))
			}
		}},
		func(ctx context.Context, _ events.Flow) (events.Recorded, error) {
			metric.AddOf(ctx, "web", metric.Pushes, 1)
			return events.Recorded{}, nil
		},
	)
	for range 2 {
		if _, err := handler(onLambda(t.Context(), "mayfly-resolvedeploy"), flow()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"Pushes map[RepositoryName:web Stage:local] [1]", "StepDuration map[Stage:local Step:resolvedeploy] [250]",
		"Pushes map[RepositoryName:web Stage:local] [1]", "StepDuration map[Stage:local Step:resolvedeploy] [250]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(lines) != 2 || !bytes.Contains(lines[0], []byte("cold=true")) || bytes.Contains(lines[1], []byte("cold")) || bytes.Contains(out.Bytes(), []byte("_aws")) {
		t.Errorf("logged\n%s", out.Bytes())
	}
}

// TestEachRepositoryHasALine: they have different dimensions.
func TestEachRepositoryHasALine(t *testing.T) {
	var out bytes.Buffer
	handler := invocation.Handler(
		invocation.Options{Log: slog.New(slog.NewJSONHandler(&out, nil)), Now: clock()},
		func(ctx context.Context, _ events.Reconcile) (events.MissedPage, error) {
			metric.AddOf(ctx, "one", metric.RepositoryBytes, 1)
			metric.AddOf(ctx, "two", metric.RepositoryBytes, 2)
			return events.MissedPage{}, nil
		},
	)
	if _, err := handler(onLambda(t.Context(), "mayfly-dev-reconciledeploys"), events.Reconcile{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range bytes.Lines(out.Bytes()) {
		data, err := metric.Decode(line)
		if err != nil {
			t.Error(err)
		}
		for _, d := range data {
			got = append(got, fmt.Sprintf("%s %v %v", d.Name, d.Dimensions, d.Values))
		}
	}
	want := []string{
		"StepDuration map[Stage:dev Step:reconciledeploys] [250]",
		"RepositoryBytes map[RepositoryName:one Stage:dev] [1]", "RepositoryBytes map[RepositoryName:two Stage:dev] [2]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
