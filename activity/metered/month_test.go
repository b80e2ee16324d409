package metered_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// july is the beginning of the month that now is in: half a day before it.
var july = now.Truncate(day)

func TestWhatIsMetered(t *testing.T) {
	w := newWorld()
	start, end := july.AddDate(0, 0, -2), now // two days and a half
	w.global.points = map[string]map[time.Time]float64{
		requests: {start: 3, start.Add(day): 4, now.Add(-time.Hour): 5, start.Add(-time.Hour): 100},
		"AWS/CloudFront BytesDownloaded E1 Global": {start: 1 << 40},
		"AWS/CloudFront BytesUploaded E1 Global":   {now.Add(-time.Minute): 7},
	}
	w.regional.points = map[string]map[time.Time]float64{"AWS/S3 BucketSizeBytes b1 StandardStorage": {start: 10, july: 30}}
	w.images.all = map[string][]ecrtypes.ImageDetail{"a": {{ImageSizeInBytes: aws.Int64(5)}, {ImageSizeInBytes: aws.Int64(6)}, {ImageSizeInBytes: aws.Int64(7)}}}
	s := old()
	s.Bucket = "b1"
	got := w.reader.Meter(t.Context(), []activity.Subject{{Ref: sandbox.Ref{Name: "bare"}}, s}, start, end)
	if len(got[0].Unknown) != 0 || got[0].Requests != 0 || len(got[0].Stored) != 3 {
		t.Errorf("of nothing %+v", got[0])
	}
	m := got[1]
	if m.Requests != 12 || m.BytesDownloaded != 1<<40 || m.BytesUploaded != 7 || m.Held.Images != 3 || m.Held.Bytes != 18 || len(m.Unknown) != 0 {
		t.Errorf("metered %+v", m)
	}
	stored := ""
	for _, day := range m.Stored {
		if day == nil {
			stored += "- "
		} else {
			stored += fmt.Sprint(*day, " ")
		}
	}
	if stored != "10 - 30 " {
		t.Errorf("stored %q", stored)
	}
}

// TestMeteringManyLeavesOneTroubleWithItsOwn: 500 metrics a request, and what
// can't be found out is said of those it is about.
func TestMeteringManyLeavesOneTroubleWithItsOwn(t *testing.T) {
	w := newWorld()
	w.global.points = map[string]map[time.Time]float64{}
	var all []activity.Subject
	for i := range 400 {
		id := fmt.Sprintf("E%d", i)
		all = append(all, activity.Subject{Ref: sandbox.Ref{Name: id}, DistributionID: id, Bucket: "b" + id})
		w.global.points["AWS/CloudFront Requests "+id+" Global"] = map[time.Time]float64{july: float64(i)}
	}
	w.global.fail = map[int]error{2: &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}} // metrics 500 to 999
	got := w.reader.Meter(t.Context(), all, july, now)
	for i, m := range got {
		failed := i >= 500/3 && i <= 999/3
		if (len(m.Unknown) > 0) != failed || failed && !strings.Contains(m.Unknown[0], "ThrottlingException") || !failed && m.Requests != uint64(i) {
			t.Errorf("%d: %d requests, unknown %q", i, m.Requests, m.Unknown)
		}
	}
	if w.global.requests != 3 || w.regional.requests != 1 {
		t.Errorf("%d and %d requests", w.global.requests, w.regional.requests)
	}
	w.images.err = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: ecr:DescribeImages"}
	if m := w.reader.Meter(t.Context(), []activity.Subject{old()}, july, now)[0]; len(m.Unknown) != 1 || !strings.Contains(m.Unknown[0], "list the images of a: AccessDeniedException") {
		t.Errorf("unknown %q", m.Unknown)
	}
}
