package local

import (
	"context"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/local/meter"
)

const (
	// flushEvery is how often CloudWatch is told what was served.
	flushEvery = time.Second
	// compactEvery is how often CloudWatch adds up what is old.
	compactEvery = time.Hour
)

// stage is what Mayfly's own metrics of this machine have as their stage.
const stage = "local"

// activity is who tells how sandboxes are used.
func (c *Cloud) activity(config Config, aws clients) *activity.Reader {
	return &activity.Reader{
		Global: aws.metrics, Regional: aws.metrics, Images: aws.ecr, Releases: c.store,
		Now: time.Now, Stage: stage, Late: config.MetricsDelay + flushEvery,
	}
}

// watch starts CloudWatch, and the meter of what the edge and the registry
// serve. It is to be started before those two, so that it stops after them and
// tells the last of what they served.
func (c *Cloud) watch(folder *dataFolder, config Config) (*cloudwatch.Service, *meter.Meter, error) {
	metrics, err := cloudwatch.New(cloudwatch.Options{Dir: folder.sub("cloudwatch"), Delay: config.MetricsDelay})
	if err != nil {
		return nil, nil, err
	}
	c.onClose(metrics.Close)
	c.every(compactEvery, func(ctx context.Context) {
		if err := metrics.Compact(ctx); err != nil {
			config.Logger.Error("old metrics could not be added up", "error", err)
		}
	})
	served := meter.New(metrics, time.Now)
	c.onClose(func() error { return served.Flush(context.Background()) })
	c.every(flushEvery, func(ctx context.Context) {
		if err := served.Flush(ctx); err != nil {
			config.Logger.Error("what was served could not be told to CloudWatch; it will be told later", "error", err)
		}
	})
	return metrics, served, nil
}
