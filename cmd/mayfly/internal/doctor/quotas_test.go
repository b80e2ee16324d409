package doctor_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/doctor"
	"github.com/mayfly-dev/mayfly/quota"
)

// quotas is Service Quotas: what the account asked for, and AWS's own.
type quotas struct {
	asked, usual map[string]float64
	err          error
}

func (q quotas) GetServiceQuota(_ context.Context, in *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error) {
	value, there := q.asked[aws.ToString(in.QuotaCode)]
	switch {
	case q.err != nil:
		return nil, q.err
	case !there:
		return nil, apiError("NoSuchResourceException")
	}
	return &servicequotas.GetServiceQuotaOutput{Quota: &types.ServiceQuota{Value: &value}}, nil
}

func (q quotas) GetAWSDefaultServiceQuota(_ context.Context, in *servicequotas.GetAWSDefaultServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
	value, there := q.usual[aws.ToString(in.QuotaCode)]
	if !there {
		return nil, apiError("NoSuchResourceException")
	}
	return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: &types.ServiceQuota{Value: &value}}, nil
}

// account has things in pages of one.
type account struct {
	distributions, identities, buckets, repositories int
	refuse                                           string
}

func (a account) next(marker *string, n int) (more *string, some bool) {
	at := len(aws.ToString(marker)) + 1
	if at < n {
		more = aws.String(strings.Repeat("x", at))
	}
	return more, n > 0
}

func (a account) ListDistributions(_ context.Context, in *cloudfront.ListDistributionsInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsOutput, error) {
	if a.refuse == "ListDistributions" {
		return nil, apiError("AccessDenied")
	}
	more, some := a.next(in.Marker, a.distributions)
	list := &cftypes.DistributionList{NextMarker: more}
	if some {
		list.Items = make([]cftypes.DistributionSummary, 1)
	}
	return &cloudfront.ListDistributionsOutput{DistributionList: list}, nil
}

func (a account) ListCloudFrontOriginAccessIdentities(_ context.Context, in *cloudfront.ListCloudFrontOriginAccessIdentitiesInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error) {
	more, some := a.next(in.Marker, a.identities)
	list := &cftypes.CloudFrontOriginAccessIdentityList{NextMarker: more}
	if some {
		list.Items = make([]cftypes.CloudFrontOriginAccessIdentitySummary, 1)
	}
	return &cloudfront.ListCloudFrontOriginAccessIdentitiesOutput{CloudFrontOriginAccessIdentityList: list}, nil
}

func (a account) ListBuckets(_ context.Context, in *s3.ListBucketsInput, _ ...func(*s3.Options)) (*s3.ListBucketsOutput, error) {
	more, some := a.next(in.ContinuationToken, a.buckets)
	out := &s3.ListBucketsOutput{ContinuationToken: more}
	if some {
		out.Buckets = make([]s3types.Bucket, 1)
	}
	return out, nil
}

func (a account) DescribeRepositories(_ context.Context, in *ecr.DescribeRepositoriesInput, _ ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error) {
	more, some := a.next(in.NextToken, a.repositories)
	out := &ecr.DescribeRepositoriesOutput{NextToken: more}
	if some {
		out.Repositories = make([]ecrtypes.Repository, 1)
	}
	return out, nil
}

// names are the checks in their order.
func names(statuses ...string) []string {
	var all []string
	for i, name := range []string{"distributions", "origin access identities", "buckets", "repositories", "concurrent functions"} {
		all = append(all, "quota of "+name+" "+statuses[i])
	}
	return all
}

func TestLimits(t *testing.T) {
	usual := map[string]float64{"L-24B04930": 500, "L-08884E5C": 100, "L-DC2B2D3D": 10_000, "L-CFEB8E8D": 100_000, "L-B99A9384": 1000}
	for _, test := range []struct {
		name  string
		asked map[string]float64
		there account
		err   error
		want  []string
	}{
		{"a new account", map[string]float64{"L-B99A9384": 10}, account{}, nil, names("ok", "ok", "ok", "ok", "failed")},
		{"room for more", nil, account{distributions: 3, identities: 79, buckets: 40, repositories: 2}, nil, names("ok", "ok", "ok", "ok", "ok")},
		{"nearly full", nil, account{identities: 80}, nil, names("ok", "warning", "ok", "ok", "ok")},
		{"full", nil, account{identities: 100}, nil, names("ok", "failed", "ok", "ok", "ok")},
		{"raised", map[string]float64{"L-08884E5C": 500}, account{identities: 100}, nil, names("ok", "ok", "ok", "ok", "ok")},
		{"one list that may not be read", nil, account{refuse: "ListDistributions"}, nil, names("warning", "ok", "ok", "ok", "ok")},
		{"quotas that may not be read", nil, account{}, apiError("AccessDeniedException"), names("warning", "warning", "warning", "warning", "warning")},
		{"a service that is too busy", nil, account{}, apiError("TooManyRequestsException"), names("warning", "warning", "warning", "warning", "warning")},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := quotas{asked: test.asked, usual: usual, err: test.err}
			want(t, doctor.Limits(q, q, quota.InUse(test.there, test.there, test.there))(t.Context()), test.want...)
		})
	}
}

// TestTheRequestForMoreCanBePasted: with the service, the code, and the region
// where AWS keeps it.
func TestTheRequestForMoreCanBePasted(t *testing.T) {
	q := quotas{usual: map[string]float64{"L-08884E5C": 1, "L-24B04930": 9, "L-DC2B2D3D": 9, "L-CFEB8E8D": 9, "L-B99A9384": 1000}}
	got := doctor.Limits(q, q, quota.InUse(account{identities: 1}, account{}, account{}))(t.Context())
	const command = "aws service-quotas request-service-quota-increase --service-code cloudfront --quota-code L-08884E5C --desired-value 2 --region us-east-1"
	if !strings.Contains(got[1].Do, command) {
		t.Errorf("says to do %q", got[1].Do)
	}
}
