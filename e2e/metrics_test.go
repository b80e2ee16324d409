package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
)

func (c *cloud) cloudwatch() *cloudwatch.Client { return cloudwatch.NewFromConfig(c.aws()) }

// sum returns the sum of a metric over the last two hours.
func (c *cloud) sum(namespace, name string, dimensions ...types.Dimension) (float64, error) {
	now := time.Now()
	out, err := c.cloudwatch().GetMetricStatistics(context.Background(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: &namespace, MetricName: &name, Dimensions: dimensions, Statistics: []types.Statistic{types.StatisticSum},
		StartTime: aws.Time(now.Add(-time.Hour)), EndTime: aws.Time(now.Add(time.Hour)), Period: aws.Int32(2 * 3600),
	})
	if err != nil || len(out.Datapoints) == 0 {
		return 0, err
	}
	return *out.Datapoints[0].Sum, nil
}

func dimension(name, value string) types.Dimension {
	return types.Dimension{Name: &name, Value: &value}
}

// TestWhatIsServedIsInCloudWatch holds B10 (pulls are counted, on CloudWatch)
// and what idleness is made of: AWS's own metrics, under AWS's names, also after
// a restart.
func TestWhatIsServedIsInCloudWatch(t *testing.T) {
	data := t.TempDir()
	c := start(t, func(config *local.Config) { config.Data = data })
	box := c.create(t, events.CreateSandbox{Name: "counted"})
	image := imageOf(t, fstest.MapFS{"index.html": {Data: []byte("<h1>counted</h1>")}})
	ref := reference(t, box.RepositoryURI, "v1")
	if err := remote.Write(ref, image, c.login(t)...); err != nil {
		t.Fatal(err)
	}
	c.becomes(t, box.URL, "<h1>counted</h1>")
	site := []types.Dimension{dimension("DistributionId", box.DistributionID), dimension("Region", "Global")}
	repository := dimension("RepositoryName", "counted")

	requests, err := c.sum("AWS/CloudFront", "Requests", site...)
	if err != nil {
		t.Fatal(err)
	}
	pulls, err := c.sum("AWS/ECR", "RepositoryPullCount", repository)
	if err != nil {
		t.Fatal(err)
	}
	c.get(t, box.URL)
	if _, err := remote.Get(ref, c.login(t)...); err != nil {
		t.Fatal(err)
	}
	more := func(c *cloud) func() (bool, error) {
		return func() (bool, error) {
			r, err := c.sum("AWS/CloudFront", "Requests", site...)
			if err != nil {
				return false, err
			}
			p, err := c.sum("AWS/ECR", "RepositoryPullCount", repository)
			return r > requests && p > pulls, fmt.Errorf("%w: %g requests, %g pulls", err, r, p)
		}
	}
	eventually(t, "the request and the pull are told", more(c))
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, func(config *local.Config) { config.Data = data })
	if ok, err := more(again)(); !ok {
		t.Errorf("after a restart: %v", err)
	}
}

// TestStats holds B10 on Mayfly's own screens: requests, pulls, pushes and sizes
// by the API, which asks CloudWatch with the rights that it has on AWS.
func TestStats(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "used"})
	image := imageOf(t, fstest.MapFS{"index.html": {Data: []byte("<h1>used</h1>")}})
	if err := remote.Write(reference(t, box.RepositoryURI, "v1"), image, c.login(t)...); err != nil {
		t.Fatal(err)
	}
	c.becomes(t, box.URL, "<h1>used</h1>")
	if _, err := remote.Get(reference(t, box.RepositoryURI, "v1"), c.login(t)...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the use is told", func() (bool, error) {
		var s events.Stats
		if err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/sandboxes/used/stats?days=2", nil, &s); err != nil {
			return false, err
		}
		today := s.Days[len(s.Days)-1]
		told := today.Requests > 0 && today.BytesDownloaded > 0 && today.HitRate != nil && today.Pulls > 0 && today.Pushes > 0 &&
			s.Images.Count == 1 && s.Images.Bytes > 0 && s.Site.Files == 1 && len(s.Unknown) == 0 && time.Since(s.LastActivity.At) < time.Hour
		return told, fmt.Errorf("%+v", s)
	})
}
