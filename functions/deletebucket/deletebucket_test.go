package deletebucket_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/deletebucket"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const bucket = "mayfly-docs-abcdefgh23"

func TestOnlyTheSandboxsEmptyBucketIsDeleted(t *testing.T) {
	tests := []struct {
		name   string
		alter  func(*steptest.S3, *sandbox.Sandbox)
		fault  func(*steptest.S3, *steptest.Store)
		first  string
		second string
		stays  bool
	}{
		{name: "at the first try"},
		{name: "after the reply was lost", first: "NetworkError", fault: func(s3 *steptest.S3, _ *steptest.Store) { s3.LoseReply("DeleteBucket") }},
		{name: "after the store's reply was lost", first: "NetworkError", fault: func(_ *steptest.S3, s *steptest.Store) { s.LoseReply("Update") }},
		{name: "after a conflict", first: "OperationAborted", fault: func(s3 *steptest.S3, _ *steptest.Store) {
			s3.Fail("DeleteBucket", steptest.Refusal("OperationAborted"))
		}},
		{name: "when it is gone already", alter: func(s3 *steptest.S3, _ *sandbox.Sandbox) { delete(s3.Buckets, bucket) }},
		{name: "when it was never tagged", alter: func(s3 *steptest.S3, _ *sandbox.Sandbox) { s3.Buckets[bucket].Tags = nil }},
		{name: "not with a late write in it", first: "BucketNotEmpty", second: "BucketNotEmpty", stays: true,
			alter: func(s3 *steptest.S3, _ *sandbox.Sandbox) { s3.Fill(bucket, "", 1) }},
		{name: "not another sandbox's", first: "NotOurs", second: "NotOurs", stays: true,
			alter: func(s3 *steptest.S3, _ *sandbox.Sandbox) { s3.Buckets[bucket].Tags[0].Value = aws.String("zzzzzzzzzz") }},
		{name: "not while the ledger has a distribution", first: "DistributionLeft", second: "DistributionLeft", stays: true,
			alter: func(_ *steptest.S3, s *sandbox.Sandbox) {
				s.Resources[sandbox.KindDistribution] = sandbox.Resource{Kind: sandbox.KindDistribution, ID: "E1"}
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			of.Phase, of.Resources = sandbox.PhaseDeleting, map[sandbox.Kind]sandbox.Resource{}
			for _, kind := range []sandbox.Kind{sandbox.KindBucket, sandbox.KindVersioning} {
				of.Resources[kind] = sandbox.Resource{Kind: kind, ID: bucket, Status: sandbox.StatusMade}
			}
			cloud := steptest.NewS3("us-east-1")
			cloud.Buckets[bucket] = &steptest.Bucket{Tags: []types.Tag{{Key: aws.String(sandbox.TagSandboxID), Value: aws.String(of.ID)}}}
			if tt.alter != nil {
				tt.alter(cloud, &of)
			}
			store := steptest.NewStore(clock.Now, of)
			if tt.fault != nil {
				tt.fault(cloud, store)
			}
			flow := events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: bucket}}}
			step := deletebucket.New(cloud, store.Ledger(), store)
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.first)
			_, err = step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.second)
			if _, there := cloud.Buckets[bucket]; there != tt.stays {
				t.Errorf("there: %v", there)
			}
			for _, kind := range []sandbox.Kind{sandbox.KindBucket, sandbox.KindVersioning} {
				if tt.stays {
					store.WantLine(t, "docs", kind, sandbox.StatusMade, bucket)
				} else {
					store.WantLine(t, "docs", kind, "", "")
				}
			}
		})
	}
}

func TestASandboxThatIsGoneIsNoError(t *testing.T) {
	clock := &steptest.Clock{}
	store := steptest.NewStore(clock.Now)
	of := steptest.New(clock.Now())
	step := deletebucket.New(steptest.NewS3("us-east-1"), store.Ledger(), store)
	for _, made := range []events.Made{{}, {Bucket: &events.Bucket{Name: bucket}}} {
		_, err := step.Handle(t.Context(), events.Flow{Sandbox: of.Event(), Made: made})
		steptest.WantError(t, err, "")
	}
}
