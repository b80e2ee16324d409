package local

import (
	"crypto/rand"
	"time"

	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/local/servicequotas"
	"github.com/mayfly-dev/mayfly/quota"
)

// limits is Service Quotas: what this cloud's services hold to, which is what AWS
// gives an account that never asked for more. Functions run in this process, as
// many at once as are called.
func limits() *servicequotas.Service {
	return servicequotas.New(servicequotas.Options{
		Region: Region, Account: Account, NewID: rand.Text,
		Quotas: []servicequotas.Quota{
			{Service: "cloudfront", Code: quota.CodeDistributions, Name: "Web distributions per AWS account", Value: 500, Global: true},
			{Service: "cloudfront", Code: quota.CodeIdentities, Name: "Origin access identities per account", Value: 100, Global: true},
			{Service: "s3", Code: quota.CodeBuckets, Name: "General purpose buckets", Value: 10_000, Global: true},
			{Service: "ecr", Code: quota.CodeRepositories, Name: "Registered repositories", Value: 100_000},
			{Service: "lambda", Code: "L-B99A9384", Name: "Concurrent executions", Value: 1000},
		},
	})
}

// quotasKept is how long the API keeps what it read: here, counting is quick.
const quotasKept = 5 * time.Second

// quotas reads how much of the limits is in use, as on AWS.
func quotas(aws clients) api.Quotas {
	return &quota.Reader{Here: aws.quotas, Global: aws.quotas, Used: quota.InUse(aws.cloudfront, aws.s3, aws.ecr), Now: time.Now, Kept: quotasKept}
}
