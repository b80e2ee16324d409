package enableversioning_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/enableversioning"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const bucket = "mayfly-docs-abcdefgh23"

func setUp(t *testing.T) (*steptest.Store, *steptest.S3, events.Flow) {
	t.Helper()
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	cloud := steptest.NewS3("us-east-1")
	cloud.Buckets[bucket] = &steptest.Bucket{}
	flow := events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: bucket, Region: "us-east-1"}}}
	return steptest.NewStore(clock.Now, of), cloud, flow
}

func TestVersionsAreKeptAndOldOnesExpire(t *testing.T) {
	tests := []struct {
		name  string
		fault func(*steptest.S3, *steptest.Store)
		first string
	}{
		{"at the first try", func(*steptest.S3, *steptest.Store) {}, ""},
		{"after the reply to versioning was lost", func(s3 *steptest.S3, _ *steptest.Store) { s3.LoseReply("PutBucketVersioning") }, "NetworkError"},
		{"after the reply to the lifecycle was lost", func(s3 *steptest.S3, _ *steptest.Store) { s3.LoseReply("PutBucketLifecycleConfiguration") }, "NetworkError"},
		{"after the store's reply was lost", func(_ *steptest.S3, store *steptest.Store) { store.LoseReply("Update") }, "NetworkError"},
		{"after a conflict", func(s3 *steptest.S3, _ *steptest.Store) {
			s3.Fail("PutBucketVersioning", steptest.Refusal("OperationAborted"))
		}, "OperationAborted"},
		{"after S3 did not know the bucket yet", func(s3 *steptest.S3, _ *steptest.Store) {
			s3.Fail("PutBucketLifecycleConfiguration", steptest.Refusal("NoSuchBucket"))
		}, "NoSuchBucket"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store, cloud, flow := setUp(t)
			tt.fault(cloud, store)
			step := enableversioning.New(cloud, store.Ledger(), 30)
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.first)

			got, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, "")
			if got != *flow.Made.Bucket {
				t.Errorf("returned %+v", got)
			}
			b := cloud.Buckets[bucket]
			if b.Versioning != types.BucketVersioningStatusEnabled {
				t.Errorf("versioning is %q", b.Versioning)
			}
			rule := b.Lifecycle.Rules[0]
			if len(b.Lifecycle.Rules) != 1 || rule.Status != types.ExpirationStatusEnabled || *rule.Filter.Prefix != "" ||
				*rule.NoncurrentVersionExpiration.NoncurrentDays != 30 || *rule.AbortIncompleteMultipartUpload.DaysAfterInitiation != 1 ||
				!*rule.Expiration.ExpiredObjectDeleteMarker {
				t.Errorf("lifecycle %+v", rule)
			}
			store.WantLine(t, "docs", sandbox.KindVersioning, sandbox.StatusMade, bucket)
		})
	}
}

func TestAFlowWithoutABucketIsRefused(t *testing.T) {
	store, cloud, flow := setUp(t)
	flow.Made.Bucket = nil
	_, err := enableversioning.New(cloud, store.Ledger(), 30).Handle(t.Context(), flow)
	steptest.WantError(t, err, "Unclassified")
}
