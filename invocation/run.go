package invocation

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
)

// run is one run of a function.
type run struct {
	options  Options
	about    events.Subject
	cold     bool
	began    time.Time
	source   metric.Source
	request  string
	trace    string
	measured metric.Set
}

// read takes from the context what Lambda says of the run.
func (r *run) read(ctx context.Context) {
	name := lambdacontext.FunctionName
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.request = lc.AwsRequestID
		if _, qualified, ok := strings.Cut(lc.InvokedFunctionArn, ":function:"); ok {
			name, _, _ = strings.Cut(qualified, ":")
		}
	}
	r.source = sourceOf(name)
	// The runtime's key, which is a string. Only the trace's id is of use: the
	// rest tells of sampling.
	if header, ok := ctx.Value("x-amzn-trace-id").(string); ok {
		for field := range strings.SplitSeq(header, ";") {
			if root, ok := strings.CutPrefix(field, "Root="); ok {
				r.trace = root
			}
		}
	}
}

// sourceOf returns the stage and the step that a function is named after:
// mayfly-STAGE-STEP on AWS, mayfly-STEP on one machine.
func sourceOf(function string) metric.Source {
	name := strings.TrimPrefix(function, "mayfly-")
	if stage, step, ok := strings.Cut(name, "-"); ok {
		return metric.Source{Stage: stage, Step: step}
	}
	return metric.Source{Stage: "local", Step: name}
}

// end tells how the run ended.
func (r *run) end(ctx context.Context, err error) {
	now := r.options.Now()
	took := now.Sub(r.began)
	message, level := "step succeeded", slog.LevelInfo
	line := append(r.identity(), slog.Float64("durationMs", float64(took)/float64(time.Millisecond)))
	if r.cold {
		line = append(line, slog.Bool("cold", true))
	}
	r.measured.Add(metric.StepDuration, float64(took)/float64(time.Millisecond))
	if err != nil {
		name := awserr.Name(err)
		message, level = "step failed", slog.LevelWarn
		r.measured.Add(metric.StepErrors, 1)
		line = append(line, slog.String("error", name))
		switch {
		case awserr.IsFault(name):
			level = slog.LevelError
			r.measured.Add(metric.Faults, 1)
		case awserr.IsNamed(err):
			level = slog.LevelInfo // the flow knows what to do, and its owner is told
		}
		if !awserr.IsNamed(err) {
			line = append(line, slog.String("cause", redact(err.Error())))
		}
	}
	if r.options.Metrics != nil {
		r.options.Metrics(r.measured.Data(r.source, now))
		r.options.Log.LogAttrs(ctx, level, message, line...)
		return
	}
	for i, embedded := range r.measured.Lines(r.source, now) {
		if i > 0 {
			message, level, line = "step measured", slog.LevelInfo, r.identity()
		}
		r.options.Log.LogAttrs(ctx, level, message, append(line, embedded...)...)
	}
}

// identity are the attributes by which a run, its sandbox and its execution are
// found; those that a run does not have are left out.
func (r *run) identity() []slog.Attr {
	execution := r.about.Execution[strings.LastIndex(r.about.Execution, ":")+1:]
	line := []slog.Attr{slog.String("step", r.source.Step)}
	for _, attribute := range []struct{ key, value string }{
		{"sandbox", r.about.Sandbox}, {"sandboxId", r.about.ID}, {"release", r.about.Release},
		{"repository", r.about.Repository}, {"image", r.about.Image},
		{"event", r.about.Event}, {"execution", execution}, {"requestId", r.request}, {"traceId", r.trace},
	} {
		if attribute.value != "" {
			line = append(line, slog.String(attribute.key, attribute.value))
		}
	}
	return line
}
