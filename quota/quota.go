// Package quota knows the AWS quotas that bound how many sandboxes an account can
// have: what they are, how much of them is in use, when that will be all, and
// whether there is room for one more.
package quota

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/mayfly-dev/mayfly/awserr"
)

// Service is what the package needs of Service Quotas.
type Service interface {
	GetServiceQuota(context.Context, *servicequotas.GetServiceQuotaInput, ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error)
	GetAWSDefaultServiceQuota(context.Context, *servicequotas.GetAWSDefaultServiceQuotaInput, ...func(*servicequotas.Options)) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error)
}

// Quota is one that Mayfly runs into.
type Quota struct {
	// Name is what a person knows it by, Service and Code what Service Quotas
	// does.
	Name, Service, Code string
	// Least is how much there must be for Mayfly to work at all.
	Least float64
	// Global says that AWS keeps it in us-east-1.
	Global bool
}

// The codes of the quotas of what sandboxes are made of.
const (
	CodeDistributions = "L-24B04930"
	CodeIdentities    = "L-08884E5C"
	CodeBuckets       = "L-DC2B2D3D"
	CodeRepositories  = "L-CFEB8E8D"
)

// Known returns the quotas that bound how many sandboxes there can be, and how
// many steps can run at once.
func Known() []Quota {
	return []Quota{
		{"distributions", "cloudfront", CodeDistributions, 1, true},
		{"origin access identities", "cloudfront", CodeIdentities, 1, true},
		{"buckets", "s3", CodeBuckets, 2, true},
		{"repositories", "ecr", CodeRepositories, 1, false},
		// Reserved concurrency leaves a hundred to all other functions of the
		// account, which AWS insists on.
		{"concurrent functions", "lambda", "L-B99A9384", 120, false},
	}
}

// Raise returns the command that asks AWS for twice as much.
func (q Quota) Raise(value float64) string {
	command := fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code %s --quota-code %s --desired-value %.0f", q.Service, q.Code, 2*max(value, q.Least))
	if q.Global {
		command += " --region us-east-1"
	}
	return command
}

// Value returns the account's quota, or AWS's own where the account never asked
// for another. client is that of us-east-1 for a global one.
func Value(ctx context.Context, client Service, q Quota) (float64, error) {
	out, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.Service, QuotaCode: &q.Code})
	if err == nil && out.Quota != nil && out.Quota.Value != nil {
		return aws.ToFloat64(out.Quota.Value), nil
	}
	if err != nil && !awserr.Is(err, "NoSuchResourceException") {
		return 0, fmt.Errorf("read the quota of %s: %w", q.Name, err)
	}
	usual, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &q.Service, QuotaCode: &q.Code})
	if err != nil {
		return 0, fmt.Errorf("read AWS's quota of %s: %w", q.Name, err)
	}
	if usual.Quota == nil || usual.Quota.Value == nil {
		return 0, fmt.Errorf("AWS tells of no quota %s of %s", q.Code, q.Service)
	}
	return aws.ToFloat64(usual.Quota.Value), nil
}
