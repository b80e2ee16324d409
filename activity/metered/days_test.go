package metered_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/activity"
)

func TestUsageByDay(t *testing.T) {
	w, s := newWorld(), old()
	today := now.Truncate(day)
	w.global.points = map[string]map[time.Time]float64{
		requests: {before(1): 3, before(2): 4, before(25): 5, before(24 * 40): 99},
		"AWS/CloudFront BytesDownloaded E1 Global": {before(1): 1e10},
		"AWS/CloudFront BytesUploaded E1 Global":   {before(25): 7},
		"AWS/CloudFront TotalErrorRate E1 Global":  {before(1): 12.5},
	}
	w.regional.points = map[string]map[time.Time]float64{pulls: {before(49): 2}, "Mayfly Pushes test a": {before(1): 1}}
	w.images.all = map[string][]ecrtypes.ImageDetail{"a": {{ImageSizeInBytes: aws.Int64(10)}, {ImageSizeInBytes: aws.Int64(20), ImagePushedAt: aws.Time(before(3))}, {ImageSizeInBytes: aws.Int64(30)}}}
	got := w.reader.Usage(t.Context(), s, 3)
	want := activity.Usage{
		Days: []activity.Day{
			{Date: today.AddDate(0, 0, -2), Pulls: 2},
			{Date: today.AddDate(0, 0, -1), Requests: 5, BytesUploaded: 7},
			{Date: today, Requests: 7, BytesDownloaded: 1e10, ErrorRate: aws.Float64(12.5), Pushes: 1},
		},
		Held: activity.Holdings{Images: 3, Bytes: 60, Last: activity.Use{Kind: activity.Push, At: before(3)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUsageSaysWhatIsUnknown(t *testing.T) {
	w, s := newWorld(), old()
	w.global.fail = map[int]error{1: &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}}
	w.images.err = &smithy.GenericAPIError{Code: "ServerException", Message: "not now"}
	w.regional.points = map[string]map[time.Time]float64{pulls: {before(1): 2}}
	got := w.reader.Usage(t.Context(), s, 1)
	all := strings.Join(got.Unknown, "\n")
	if got.Days[0].Pulls != 2 || !strings.Contains(all, "ThrottlingException") || !strings.Contains(all, "ServerException") || strings.Contains(all, "not now") {
		t.Errorf("got %+v", got)
	}
}
