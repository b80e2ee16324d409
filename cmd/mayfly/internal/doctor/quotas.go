package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/mayfly-dev/mayfly/awserr"
)

// Quotas is what reading quotas needs of Service Quotas.
type Quotas interface {
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

// Known returns the quotas that bound how many sandboxes there can be, and how
// many steps can run at once.
func Known() []Quota {
	return []Quota{
		{"distributions", "cloudfront", "L-24B04930", 1, true},
		{"origin access identities", "cloudfront", "L-08884E5C", 1, true},
		{"buckets", "s3", "L-DC2B2D3D", 2, true},
		{"repositories", "ecr", "L-CFEB8E8D", 1, false},
		// Reserved concurrency leaves a hundred to all other functions of the
		// account, which AWS insists on.
		{"concurrent functions", "lambda", "L-B99A9384", 120, false},
	}
}

// Usage returns how much of each quota is in use, by the quota's code. A quota
// that it does not have is not counted.
type Usage map[string]func(context.Context) (int, error)

// nearly is the part of a quota from which on a person is told.
const nearly = 0.8

// Limits compares what is in use with the account's quotas.
func Limits(here, global Quotas, used Usage) Check {
	return func(ctx context.Context) []Result {
		var all []Result
		for _, quota := range Known() {
			client := here
			if quota.Global {
				client = global
			}
			all = append(all, limit(ctx, client, quota, used[quota.Code])...)
		}
		return all
	}
}

func limit(ctx context.Context, client Quotas, quota Quota, count func(context.Context) (int, error)) []Result {
	check := "quota of " + quota.Name
	value, err := read(ctx, client, quota)
	if err != nil {
		return unreadable(check, "servicequotas:GetServiceQuota", err)
	}
	raise := fmt.Sprintf("ask for more: aws service-quotas request-service-quota-increase --service-code %s --quota-code %s --desired-value %.0f", quota.Service, quota.Code, 2*max(value, quota.Least))
	if quota.Global {
		raise += " --region us-east-1"
	}
	if value < quota.Least {
		return fail(check, fmt.Sprintf("%.0f, and Mayfly needs %.0f", value, quota.Least), raise)
	}
	if count == nil {
		return ok(check, fmt.Sprintf("%.0f", value))
	}
	used, err := count(ctx)
	if err != nil {
		return unreadable(check, "the right to list them", err)
	}
	found := fmt.Sprintf("%d of %.0f in use", used, value)
	switch {
	case float64(used) >= value:
		return fail(check, found+": no sandbox more", raise)
	case float64(used) >= nearly*value:
		return warn(check, found, raise)
	}
	return ok(check, found)
}

// read returns the account's quota, or AWS's own where the account never asked
// for another.
func read(ctx context.Context, client Quotas, quota Quota) (float64, error) {
	out, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &quota.Service, QuotaCode: &quota.Code})
	if err == nil && out.Quota != nil && out.Quota.Value != nil {
		return aws.ToFloat64(out.Quota.Value), nil
	}
	if err != nil && !awserr.Is(err, "NoSuchResourceException") {
		return 0, err
	}
	usual, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &quota.Service, QuotaCode: &quota.Code})
	if err != nil {
		return 0, err
	}
	if usual.Quota == nil || usual.Quota.Value == nil {
		return 0, fmt.Errorf("AWS tells of no quota %s of %s", quota.Code, quota.Service)
	}
	return aws.ToFloat64(usual.Quota.Value), nil
}

// unreadable is for what could not be looked at; that alone keeps nothing from
// working.
func unreadable(check, needs string, err error) []Result {
	if name := awserr.Name(err); name == "AccessDenied" || name == "AccessDeniedException" || name == "UnauthorizedOperation" {
		return warn(check, "these credentials may not look ("+name+")", "allow "+needs+" to who runs the doctor, or look in the console")
	}
	return warn(check, "AWS did not tell: "+err.Error(), "try again")
}
