package closewebsite_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/closewebsite"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const bucket = "mayfly-docs-abcdefgh23"

func TestABucketIsClosedAndKeepsWhatItHas(t *testing.T) {
	for name, tc := range map[string]struct {
		phase sandbox.Phase
		fault func(*steptest.S3, *steptest.Store)
		first string
		shut  bool
	}{
		"at the first try":                 {sandbox.PhaseUpdating, func(*steptest.S3, *steptest.Store) {}, "", true},
		"after the reply was lost":         {sandbox.PhaseUpdating, func(s3 *steptest.S3, _ *steptest.Store) { s3.LoseReply("PutPublicAccessBlock") }, "NetworkError", true},
		"after the store's reply was lost": {sandbox.PhaseUpdating, func(_ *steptest.S3, s *steptest.Store) { s.LoseReply("Update") }, "NetworkError", true},
		"after a conflict": {sandbox.PhaseUpdating, func(s3 *steptest.S3, _ *steptest.Store) {
			s3.Fail("PutPublicAccessBlock", steptest.Refusal("OperationAborted"))
		}, "OperationAborted", true},
		"not while it is deleted": {sandbox.PhaseDeleting, func(*steptest.S3, *steptest.Store) {}, "SandboxDeleting", false},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			of.Phase, of.Spec.Delivery = tc.phase, events.DeliveryWebsite
			store, cloud := steptest.NewStore(clock.Now, of), steptest.NewS3("us-east-1")
			cloud.Buckets[bucket] = &steptest.Bucket{Policy: "public"}
			cloud.Fill(bucket, "", 3)
			step := closewebsite.New(cloud, store.Ledger())
			flow := events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: bucket, Region: "us-east-1", WebsiteURL: "http://b"}}}
			tc.fault(cloud, store)
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tc.first)
			got, err := step.Handle(t.Context(), flow)
			if tc.shut {
				steptest.WantError(t, err, "")
				if got != *flow.Made.Bucket {
					t.Errorf("returned %+v", got)
				}
			}
			b := cloud.Buckets[bucket]
			if shut := b.Access != nil && *b.Access.RestrictPublicBuckets && *b.Access.BlockPublicPolicy && *b.Access.IgnorePublicAcls && *b.Access.BlockPublicAcls; shut != tc.shut {
				t.Errorf("closed: %v", shut)
			}
			if b.Policy != "public" || len(b.Versions) != 3 {
				t.Errorf("policy %q, %d versions", b.Policy, len(b.Versions))
			}
		})
	}
}

func TestAFlowWithoutABucketIsRefused(t *testing.T) {
	clock := &steptest.Clock{}
	_, err := closewebsite.New(steptest.NewS3("us-east-1"), steptest.NewStore(clock.Now).Ledger()).Handle(t.Context(), events.Flow{})
	steptest.WantError(t, err, "Unclassified")
}
