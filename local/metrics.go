package local

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/local/meter"
	"github.com/mayfly-dev/mayfly/local/s3"
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
func (c *Cloud) activity(config Config, aws clients) *metered.Reader {
	return &metered.Reader{
		Global: aws.metrics, Regional: aws.metrics, Images: aws.ecr, Releases: c.storeOf(aws),
		Now: config.Now, Stage: stage, Late: config.MetricsDelay + flushEvery,
	}
}

// stored tells CloudWatch once a day, in UTC, what the buckets hold, as S3 does.
func (c *Cloud) stored(config Config, objects *s3.Service, metrics *cloudwatch.Service) {
	var told time.Time
	c.every(lifecycleEvery, func(ctx context.Context) {
		today := config.Now().UTC().Truncate(24 * time.Hour)
		if !today.After(told) {
			return
		}
		if err := tellStored(ctx, objects, metrics, today); err != nil {
			config.Logger.Error("what some buckets hold could not be told to CloudWatch", "error", err)
			return
		}
		told = today
	})
}

func tellStored(ctx context.Context, objects *s3.Service, metrics *cloudwatch.Service, day time.Time) error {
	all, failed := objects.Usage(ctx)
	data := make([]cloudwatch.Datum, 0, 2*len(all))
	for _, u := range all {
		of := func(name, unit, kind string, value int64) cloudwatch.Datum {
			return cloudwatch.Datum{
				Name: name, Unit: unit, At: day, Values: []float64{float64(value)},
				Dimensions: []cloudwatch.Dimension{{Name: "BucketName", Value: u.Bucket}, {Name: "StorageType", Value: kind}},
			}
		}
		data = append(data, of("BucketSizeBytes", "Bytes", "StandardStorage", u.Bytes), of("NumberOfObjects", "Count", "AllStorageTypes", u.Objects))
	}
	return errors.Join(failed, metrics.Put(ctx, "AWS/S3", data))
}

// upToDate tells CloudWatch what was served before CloudWatch is asked, so that
// whoever decides by its answer knows of the last second, too. What it could not
// be told nobody may take for nothing: the question fails.
func upToDate(served *meter.Meter, metrics http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := served.Flush(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		metrics.ServeHTTP(w, r)
	})
}

// watch starts CloudWatch, and the meter of what the edge and the registry
// serve. It is to be started before those two, so that it stops after them and
// tells the last of what they served.
func (c *Cloud) watch(folder *dataFolder, config Config) (*cloudwatch.Service, *meter.Meter, error) {
	metrics, err := cloudwatch.New(cloudwatch.Options{Dir: folder.sub("cloudwatch"), Delay: config.MetricsDelay, Now: config.Now})
	if err != nil {
		return nil, nil, err
	}
	c.onClose(metrics.Close)
	c.every(compactEvery, func(ctx context.Context) {
		if err := metrics.Compact(ctx); err != nil {
			config.Logger.Error("old metrics could not be added up", "error", err)
		}
	})
	served := meter.New(metrics, config.Now)
	c.onClose(func() error { return served.Flush(context.Background()) })
	c.every(flushEvery, func(ctx context.Context) {
		if err := served.Flush(ctx); err != nil {
			config.Logger.Error("what was served could not be told to CloudWatch; it will be told later", "error", err)
		}
	})
	return metrics, served, nil
}
