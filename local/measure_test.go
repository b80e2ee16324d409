package local

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/local/meter"
)

type kept struct{ all []cloudwatch.Datum }

func (k *kept) Put(_ context.Context, _ string, data []cloudwatch.Datum) error {
	k.all = append(k.all, data...)
	return nil
}

func TestTheMetricsInWhatFunctionsWriteGoToCloudWatch(t *testing.T) {
	const measured = `"_aws":{"Timestamp":1782907800000,"CloudWatchMetrics":[{"Namespace":"Mayfly","Dimensions":[["Stage"]],"Metrics":[{"Name":"Retries","Unit":"Count"}]}]},"Stage":"local","Retries":2}` + "\n"
	const succeeded, failed, plain = `{"level":"INFO",` + measured, `{"level":"WARN",` + measured, "panic: out of memory\n"
	var told kept
	var shown, logged bytes.Buffer
	m := meter.New(&told, time.Now)
	log := functionLog{next: &shown, measured: m, logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	text := succeeded + plain + failed + `{"_aws":{}}` + "\n"
	if n, err := log.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := plain + failed + `{"_aws":{}}` + "\n"; shown.String() != want {
		t.Errorf("shown %q", shown.String())
	}
	if len(told.all) != 2 || told.all[0].Name != "Retries" || told.all[0].Values[0] != 2 || told.all[0].Dimensions[0] != (cloudwatch.Dimension{Name: "Stage", Value: "local"}) {
		t.Errorf("told %+v", told.all)
	}
	if logged.Len() == 0 {
		t.Error("metrics that can't be read are not told of")
	}
}
