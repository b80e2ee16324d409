package metered_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// now is a Wednesday, noon.
var now = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// before is so many hours ago.
func before(hours float64) time.Time { return now.Add(-time.Duration(hours * float64(time.Hour))) }

type world struct {
	global, regional *watch
	images           *images
	releases         *releases
	reader           *metered.Reader
}

func newWorld() *world {
	w := &world{global: &watch{}, regional: &watch{}, images: &images{}, releases: &releases{}}
	w.reader = &metered.Reader{
		Global: w.global, Regional: w.regional, Images: w.images, Releases: w.releases,
		Now: func() time.Time { return now }, Stage: "test", Late: activity.Late,
	}
	return w
}

// old is a subject that was made ten days ago.
func old() activity.Subject {
	return activity.Subject{
		Ref: sandbox.Ref{ID: "1", Name: "a"}, DistributionID: "E1", Repository: "a", Known: activity.Use{Kind: activity.Created, At: before(240)},
	}
}

const requests, pulls = "AWS/CloudFront Requests E1 Global", "AWS/ECR RepositoryPullCount a"

func points(at ...time.Time) map[time.Time]float64 {
	all := make(map[time.Time]float64)
	for _, t := range at {
		all[t]++
	}
	return all
}

func TestTheLastUseIsFound(t *testing.T) {
	for name, tc := range map[string]struct {
		set  func(*world, *activity.Subject)
		want activity.Use
		idle bool
	}{
		"nothing but its creation": {func(*world, *activity.Subject) {}, activity.Use{Kind: activity.Created, At: before(240)}, true},
		"a request": {func(w *world, _ *activity.Subject) {
			w.global.points = map[string]map[time.Time]float64{requests: points(before(20), before(5))}
		}, activity.Use{Kind: activity.Request, At: before(5).Add(5 * time.Minute)}, false},
		"a request that is too old": {func(w *world, _ *activity.Subject) {
			w.global.points = map[string]map[time.Time]float64{requests: points(before(30))}
		}, activity.Use{Kind: activity.Request, At: before(30).Add(5 * time.Minute)}, true},
		"a request just now": {func(w *world, _ *activity.Subject) {
			w.global.points = map[string]map[time.Time]float64{requests: points(now.Add(-time.Minute))}
		}, activity.Use{Kind: activity.Request, At: now}, false},
		"a pull": {func(w *world, _ *activity.Subject) {
			w.regional.points = map[string]map[time.Time]float64{pulls: points(before(3))}
			w.global.points = map[string]map[time.Time]float64{requests: points(before(4))}
		}, activity.Use{Kind: activity.Pull, At: before(3).Add(5 * time.Minute)}, false},
		"a pull that only ECR tells": {func(w *world, _ *activity.Subject) {
			w.images.all = map[string][]ecrtypes.ImageDetail{"a": {{ImagePushedAt: aws.Time(before(200))}, {ImagePushedAt: aws.Time(before(100))}, {ImagePushedAt: aws.Time(before(150)), LastRecordedPullTime: aws.Time(before(6))}}}
		}, activity.Use{Kind: activity.Pull, At: before(6)}, false},
		"a push": {func(w *world, _ *activity.Subject) {
			w.images.all = map[string][]ecrtypes.ImageDetail{"a": {{ImagePushedAt: aws.Time(before(200))}, {}, {ImagePushedAt: aws.Time(before(2))}}}
		}, activity.Use{Kind: activity.Push, At: before(2)}, false},
		"a release that failed": {func(w *world, _ *activity.Subject) {
			w.releases.newest = map[string]sandbox.Release{"a": {CreatedAt: before(7), EndedAt: before(6.5)}}
		}, activity.Use{Kind: activity.Release, At: before(6.5)}, false},
		"a change":                     {func(_ *world, s *activity.Subject) { s.Known = activity.Use{Kind: activity.Changed, At: before(1)} }, activity.Use{Kind: activity.Changed, At: before(1)}, false},
		"no distribution, no registry": {func(_ *world, s *activity.Subject) { s.DistributionID, s.Repository = "", "" }, activity.Use{Kind: activity.Created, At: before(240)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := newWorld(), old()
			tc.set(w, &s)
			got := w.reader.Read(t.Context(), []activity.Subject{s}, before(48))[0]
			if diff := cmp.Diff(tc.want, got.Last); diff != "" || len(got.Unknown) > 0 {
				t.Errorf("unknown %q, last use %s", got.Unknown, diff)
			}
			if idle, why := got.Idle(day); idle != tc.idle || !strings.Contains(why, string(tc.want.Kind)) {
				t.Errorf("idle %t, %s", idle, why)
			}
		})
	}
}

func TestWhatIsUnknownIsNeverIdle(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
	for name, tc := range map[string]struct {
		set  func(*world, *activity.Subject)
		want string
	}{
		"CloudWatch of us-east-1 fails": {func(w *world, _ *activity.Subject) { w.global.fail = map[int]error{1: throttled} }, "ThrottlingException"},
		"CloudWatch of the region fails": {func(w *world, _ *activity.Subject) {
			w.regional.fail = map[int]error{1: &smithy.GenericAPIError{Code: "AccessDenied", Message: "User: arn:aws:sts::123456789012:assumed-role/api is not authorized to perform: cloudwatch:GetMetricData"}}
		}, "AccessDenied"},
		"an answer in part": {func(w *world, _ *activity.Subject) {
			w.global.status = map[string]types.StatusCode{requests: types.StatusCodePartialData}
		}, "PartialData: a reason"},
		"an answer that failed inside": {func(w *world, _ *activity.Subject) {
			w.regional.status = map[string]types.StatusCode{pulls: types.StatusCodeInternalError}
		}, "InternalError"},
		"no answer for a metric": {func(w *world, _ *activity.Subject) { w.global.silent = map[string]bool{requests: true} }, "did not answer for " + requests},
		"ECR fails":              {func(w *world, _ *activity.Subject) { w.images.err = throttled }, "ThrottlingException"},
		"the store fails":        {func(w *world, _ *activity.Subject) { w.releases.err = errors.New("table gone") }, "table gone"},
		"a public repository":    {func(_ *world, s *activity.Subject) { s.Repository, s.PublicRepository = "", "pub" }, "public repository pub"},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := newWorld(), old()
			tc.set(w, &s)
			got := w.reader.Read(t.Context(), []activity.Subject{s}, before(48))[0]
			if idle, why := got.Idle(day); idle || !strings.Contains(why, tc.want) || strings.Contains(why, "arn:") {
				t.Errorf("idle %t: %s, want %q", idle, why, tc.want)
			}
		})
	}
}

// TestManySubjects: 500 metrics a request, pages to the end, one failure
// leaving the rest alone, and ECR asked about those alone that nothing else
// shows in use.
func TestManySubjects(t *testing.T) {
	w := newWorld()
	w.global.page, w.regional.page = 170, 499
	w.global.points, w.regional.points = map[string]map[time.Time]float64{}, map[string]map[time.Time]float64{}
	w.images.all = map[string][]ecrtypes.ImageDetail{}
	var all []activity.Subject
	for i := range 1203 {
		name := fmt.Sprintf("s%04d", i)
		all = append(all, activity.Subject{Ref: sandbox.Ref{ID: name, Name: name}, DistributionID: "E" + name, Repository: name, Known: activity.Use{Kind: activity.Created, At: before(240)}})
		switch i % 3 {
		case 0:
			w.global.points["AWS/CloudFront Requests E"+name+" Global"] = points(before(1))
		case 1:
			w.regional.points["AWS/ECR RepositoryPullCount "+name] = points(before(1))
		}
	}
	// The first request for the second 500 is the fourth: the first 500 take three pages.
	w.global.fail = map[int]error{4: &smithy.GenericAPIError{Code: "InternalServiceError", Message: "try again"}}
	got := w.reader.Read(t.Context(), all, before(48))
	wrong := 0
	for i, a := range got {
		idle, why := a.Idle(day)
		unknown := i >= 500 && i < 1000
		want := i%3 == 2 && !unknown
		if idle != want || unknown != (len(a.Unknown) > 0) {
			if wrong++; wrong < 5 {
				t.Errorf("%d: idle %t, %s", i, idle, why)
			}
		}
	}
	if w.global.requests != 3+1+2 || w.regional.requests != 2+2+1 {
		t.Errorf("%d and %d requests", w.global.requests, w.regional.requests)
	}
	asked := 0
	for i := range all {
		if i%3 == 2 || i%3 == 0 && i >= 500 && i < 1000 {
			asked++
		}
	}
	if len(w.images.asked) != asked {
		t.Errorf("ECR was asked %d times, want %d", len(w.images.asked), asked)
	}
}

// TestWhatIsUsedLongAgoIsLookedAtFurther: a use within what is looked at is not
// enough where only a later one counts.
func TestWhatIsUsedLongAgoIsLookedAtFurther(t *testing.T) {
	for name, tc := range map[string]struct {
		inUse time.Time
		want  activity.Use
	}{
		"when any use counts":      {time.Time{}, activity.Use{Kind: activity.Pull, At: before(30).Add(5 * time.Minute)}},
		"when one of a day counts": {before(24), activity.Use{Kind: activity.Push, At: before(5)}},
		"when that use counts":     {before(40), activity.Use{Kind: activity.Pull, At: before(30).Add(5 * time.Minute)}},
	} {
		w, s := newWorld(), old()
		w.regional.points = map[string]map[time.Time]float64{pulls: points(before(30))}
		w.images.all = map[string][]ecrtypes.ImageDetail{"a": {{ImagePushedAt: aws.Time(before(5))}}}
		s.InUse = tc.inUse
		if got := w.reader.Read(t.Context(), []activity.Subject{s}, before(48))[0]; got.Last != tc.want || len(got.Unknown) > 0 {
			t.Errorf("%s: %+v, want %+v", name, got.Last, tc.want)
		}
	}
}
