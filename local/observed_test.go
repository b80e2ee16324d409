package local

import (
	"context"
	"errors"
	"testing"

	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/metric"
)

func TestFunctionsInThisProcessAreMeasured(t *testing.T) {
	sums := map[string]float64{}
	add := func(data []metric.Datum) {
		for _, d := range data {
			for _, v := range d.Values {
				sums[d.Name+" "+d.Dimensions[metric.Stage]+" "+d.Dimensions[metric.Step]+d.Dimensions[metric.RepositoryName]] += v
			}
			if d.Name == string(metric.StepDuration) {
				sums["runs of "+d.Dimensions[metric.Step]]++
			}
		}
	}
	pushed := newObserved(lambda.InProcess(func(ctx context.Context) error {
		metric.AddOf(ctx, "web", metric.Pushes, 1)
		return nil
	}), functionARN("resolvedeploy"), add)
	failing := newObserved(lambda.InProcess(func(context.Context) error { return errors.New("broken") }), functionARN("record"), add)
	for range 2 {
		if _, err := pushed.Invoke(t.Context(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	var failure *lambda.FunctionError
	if _, err := failing.Invoke(t.Context(), []byte("{}")); !errors.As(err, &failure) {
		t.Errorf("got %v", err)
	}
	for name, want := range map[string]float64{"Pushes local web": 2, "runs of resolvedeploy": 2, "runs of record": 1, "StepErrors local record": 1} {
		if sums[name] != want {
			t.Errorf("%s is %g, want %g: %v", name, sums[name], want, sums)
		}
	}
}
