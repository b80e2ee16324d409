package deletedistribution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/deletedistribution"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestOnlyADisabledDeployedDistributionOfTheSandboxIsDeleted(t *testing.T) {
	const ours = "mayfly-abcdefgh23-distribution"
	tests := []struct {
		name      string
		enabled   bool
		age       time.Duration
		reference string
		flow      *events.Distribution
		fault     func(*steptest.CloudFront, *steptest.Store)
		first     string
		// second is the name of the second run's error.
		second string
		stays  bool
	}{
		{name: "at the first try", age: time.Hour, reference: ours},
		{name: "after the reply was lost", age: time.Hour, reference: ours, first: "NetworkError",
			fault: func(c *steptest.CloudFront, _ *steptest.Store) { c.LoseReply("DeleteDistribution") }},
		{name: "after the store's reply was lost", age: time.Hour, reference: ours, first: "NetworkError",
			fault: func(_ *steptest.CloudFront, s *steptest.Store) { s.LoseReply("Update") }},
		{name: "with the ETag read again", age: time.Hour, reference: ours, first: "InvalidIfMatchVersion",
			fault: func(c *steptest.CloudFront, _ *steptest.Store) {
				c.Fail("DeleteDistribution", steptest.Refusal("InvalidIfMatchVersion"))
			}},
		{name: "not while it is enabled", enabled: true, age: time.Hour, reference: ours, first: "DistributionNotDisabled", second: "DistributionNotDisabled", stays: true},
		{name: "not while it is in progress", reference: ours, first: "DistributionNotDisabled", second: "DistributionNotDisabled", stays: true},
		{name: "not another's", age: time.Hour, reference: "another's", first: "NotOurs", second: "NotOurs", stays: true},
		{name: "nothing when there is none", age: time.Hour, reference: ours, flow: &events.Distribution{Deployed: true}, stays: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := &steptest.Clock{Passed: tt.age}
			of := steptest.New(clock.Now())
			of.Phase = sandbox.PhaseDeleting
			of.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E1", Status: sandbox.StatusMade}}
			store, cloud := steptest.NewStore(clock.Now, of), steptest.NewCloudFront(clock.Now, 170*time.Second)
			cloud.Distributions["E1"] = &steptest.Distribution{ID: "E1", ETag: "T1", ChangedAt: steptest.Start, Config: &types.DistributionConfig{
				Enabled: &tt.enabled, CallerReference: aws.String(tt.reference), Origins: &types.Origins{},
			}}
			if tt.fault != nil {
				tt.fault(cloud, store)
			}
			if tt.flow == nil {
				tt.flow = &events.Distribution{ID: "E1"}
			}
			flow := events.Flow{Sandbox: of.Event(), Made: events.Made{Distribution: tt.flow}}
			step := deletedistribution.New(cloud, store.Ledger())
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.first)
			_, err = step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.second)
			if _, there := cloud.Distributions["E1"]; there != tt.stays {
				t.Errorf("there: %v", there)
			}
			if tt.second == "" {
				store.WantLine(t, "docs", sandbox.KindDistribution, "", "")
			} else {
				store.WantLine(t, "docs", sandbox.KindDistribution, sandbox.StatusMade, "E1")
			}
		})
	}
}

func TestASandboxThatIsGoneIsNoError(t *testing.T) {
	clock := &steptest.Clock{}
	step := deletedistribution.New(steptest.NewCloudFront(clock.Now, 0), steptest.NewStore(clock.Now).Ledger())
	of := steptest.New(clock.Now())
	_, err := step.Handle(t.Context(), events.Flow{Sandbox: of.Event(), Made: events.Made{Distribution: &events.Distribution{ID: "E1"}}})
	steptest.WantError(t, err, "")
}
