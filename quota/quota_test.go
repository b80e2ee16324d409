package quota_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/quota"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is Service Quotas: what the account asked for, and AWS's own.
type service struct {
	asked, usual map[string]float64
	err          error
}

func (s service) GetServiceQuota(_ context.Context, in *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error) {
	if s.err != nil {
		return nil, s.err
	}
	value, ok := s.asked[*in.QuotaCode]
	if !ok {
		return nil, &types.NoSuchResourceException{Message: aws.String("no applied value")}
	}
	return &servicequotas.GetServiceQuotaOutput{Quota: &types.ServiceQuota{Value: &value}}, nil
}

func (s service) GetAWSDefaultServiceQuota(_ context.Context, in *servicequotas.GetAWSDefaultServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
	value, ok := s.usual[*in.QuotaCode]
	if !ok {
		return nil, &types.NoSuchResourceException{Message: aws.String("no such quota")}
	}
	return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: &types.ServiceQuota{Value: &value}}, nil
}

func counted(n int, asked *int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		*asked++
		return n, nil
	}
}

func TestReadingsAreKeptForAWhile(t *testing.T) {
	now, asked := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), 0
	r := quota.Reader{
		Here: service{usual: map[string]float64{quota.CodeRepositories: 100000}}, // nothing of Lambda's
		Global: service{
			asked: map[string]float64{quota.CodeDistributions: 1000},
			usual: map[string]float64{quota.CodeDistributions: 500, quota.CodeIdentities: 100, quota.CodeBuckets: 10000},
		},
		Used: quota.Usage{
			quota.CodeDistributions: counted(450, &asked), quota.CodeIdentities: counted(90, &asked),
			quota.CodeBuckets: func(context.Context) (int, error) { return 0, errors.New("AccessDenied") },
		},
		Now: func() time.Time { return now }, Kept: 10 * time.Minute,
	}
	tell := func() string {
		all, at := r.Read(t.Context())
		text := at.Format("15:04")
		for _, one := range all {
			text += fmt.Sprintf(" %s %d/%.0f %d%% %t %t;", strings.Fields(one.Name)[0], one.Used, one.Value, one.Percent(), one.Counted, one.Err != nil)
		}
		return text
	}
	want := "00:00 distributions 450/1000 45% true false; origin 90/100 90% true false; buckets 0/10000 0% false true; repositories 0/100000 0% false false; concurrent 0/0 0% false true;"
	if got := tell(); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	r.Take(quota.Needs{quota.CodeIdentities: 2})
	now = now.Add(9 * time.Minute)
	if got := tell(); got != strings.Replace(want, "90/100 90%", "92/100 92%", 1) || asked != 2 {
		t.Errorf("%d counts: %s", asked, got)
	}
	now = now.Add(time.Minute)
	if got := tell(); got != strings.Replace(want, "00:00", "00:10", 1) || asked != 4 {
		t.Errorf("%d counts: %s", asked, got)
	}
	now = now.Add(-time.Hour) // a clock that went back
	if tell(); asked != 6 {
		t.Errorf("%d counts", asked)
	}
}

func TestRoom(t *testing.T) {
	of := func(name, code string, used int, value float64) quota.Reading {
		for _, q := range quota.Known() {
			if q.Code == code {
				return quota.Reading{Quota: q, Used: used, Value: value, Counted: true}
			}
		}
		t.Fatal(name)
		return quota.Reading{}
	}
	unknown := of("unknown", quota.CodeBuckets, 1_000_000, 10)
	unknown.Counted = false
	for name, tt := range map[string]struct {
		readings []quota.Reading
		spec     events.Spec
		says     []string
	}{
		"much":           {[]quota.Reading{of("", quota.CodeDistributions, 10, 500)}, events.Spec{}, nil},
		"the last":       {[]quota.Reading{of("", quota.CodeDistributions, 449, 500)}, events.Spec{}, nil},
		"one too many":   {[]quota.Reading{of("", quota.CodeDistributions, 450, 500)}, events.Spec{}, []string{"450 of 500 distributions are in use, 90 %", "--quota-code L-24B04930 --desired-value 1000 --region us-east-1"}},
		"identities":     {[]quota.Reading{of("", quota.CodeIdentities, 95, 100)}, events.Spec{}, []string{"95 of 100 origin access identities", "--origin-access oac"}},
		"with oac":       {[]quota.Reading{of("", quota.CodeIdentities, 95, 100)}, events.Spec{OriginAccess: events.OriginAccessControl}, nil},
		"both":           {[]quota.Reading{of("", quota.CodeDistributions, 500, 500), of("", quota.CodeBuckets, 9500, 10000)}, events.Spec{}, []string{"distributions", "; 9500 of 10000 buckets"}},
		"no site":        {[]quota.Reading{of("", quota.CodeDistributions, 500, 500), of("", quota.CodeRepositories, 1, 2)}, events.Spec{Delivery: events.DeliveryNone}, []string{"1 of 2 repositories"}},
		"not counted":    {[]quota.Reading{unknown}, events.Spec{}, nil},
		"nothing needed": {[]quota.Reading{of("", quota.CodeRepositories, 9, 9)}, events.Spec{Repository: events.RepositorySpec{Visibility: events.VisibilityNone}}, nil},
	} {
		err := quota.Room(tt.readings, quota.Of(tt.spec))
		var exceeded *quota.ExceededError
		if errors.As(err, &exceeded) != (len(tt.says) > 0) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, part := range tt.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in %v", name, part, err)
			}
		}
	}
}

func TestWhenAQuotaIsUsedUp(t *testing.T) {
	r := quota.Reading{Value: 500, Used: 400, Counted: true}
	if days, ok := r.Full(4); !ok || days != 25 {
		t.Errorf("in %g days, %t", days, ok)
	}
	if _, ok := r.Full(0); ok {
		t.Error("without growth")
	}
	if _, ok := (quota.Reading{Value: 500}).Full(4); ok {
		t.Error("without a count")
	}
}
