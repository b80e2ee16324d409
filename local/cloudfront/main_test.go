package cloudfront_test

import (
	"errors"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const propagation = 3 * time.Second

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// cloud is a service with the real SDK in front of it.
type cloud struct {
	*sdk.Client
	service *cloudfront.Service
	clock   *clock
	url     string
	dir     string
}

func open(t *testing.T, edit func(*cloudfront.Options)) *cloud {
	t.Helper()
	clock := newClock()
	options := cloudfront.Options{Dir: t.TempDir(), Propagation: propagation, Clock: clock.Now}
	if edit != nil {
		edit(&options)
	}
	service, err := cloudfront.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	t.Cleanup(func() {
		server.Close()
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	client := sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	return &cloud{Client: client, service: service, clock: clock, url: server.URL, dir: options.Dir}
}

// config is a site's configuration, with what edit changes.
func config(reference string, edit func(*types.DistributionConfig)) *types.DistributionConfig {
	c := &types.DistributionConfig{
		CallerReference: aws.String(reference), Comment: aws.String("a site"), Enabled: aws.Bool(true),
		DefaultRootObject: aws.String("index.html"),
		Origins: &types.Origins{Quantity: aws.Int32(1), Items: []types.Origin{{
			Id: aws.String("bucket"), DomainName: aws.String("site.s3.us-east-1.amazonaws.com"),
			S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: aws.String("")},
		}}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId: aws.String("bucket"), ViewerProtocolPolicy: types.ViewerProtocolPolicyRedirectToHttps,
			CachePolicyId: aws.String("658327ea-f89d-4fab-a63d-7e88639e58f6"), Compress: aws.Bool(true),
		},
	}
	if edit != nil {
		edit(c)
	}
	return c
}

func (c *cloud) create(t *testing.T, config *types.DistributionConfig) *sdk.CreateDistributionOutput {
	t.Helper()
	out, err := c.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: config})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (c *cloud) status(t *testing.T, id *string) string {
	t.Helper()
	out, err := c.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Distribution.Status
}

// disable sets Enabled to false and returns the new ETag.
func (c *cloud) disable(t *testing.T, id *string) *string {
	t.Helper()
	current, err := c.GetDistributionConfig(t.Context(), &sdk.GetDistributionConfigInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	current.DistributionConfig.Enabled = aws.Bool(false)
	out, err := c.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: id, IfMatch: current.ETag, DistributionConfig: current.DistributionConfig})
	if err != nil {
		t.Fatal(err)
	}
	return out.ETag
}

// refused fails the test unless err carries the code and HTTP status.
func refused(t *testing.T, err error, code string, status int) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got %v, want the API error %s", err, code)
	}
	if api.ErrorCode() != code {
		t.Errorf("got %s, want %s: %v", api.ErrorCode(), code, err)
	}
	var response interface{ HTTPStatusCode() int }
	if !errors.As(err, &response) || response.HTTPStatusCode() != status {
		t.Errorf("got %v, want HTTP status %d", err, status)
	}
}
