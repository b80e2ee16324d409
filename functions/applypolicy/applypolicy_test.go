package applypolicy_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/applypolicy"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const bucket = "mayfly-docs-abcdefgh23"

const tlsOnly = `{"Sid":"TLSOnly","Effect":"Deny","Principal":"*","Action":["s3:*"],` +
	`"Resource":["arn:aws:s3:::mayfly-docs-abcdefgh23","arn:aws:s3:::mayfly-docs-abcdefgh23/*"],` +
	`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`

func setUp(kind events.OriginAccess, phase sandbox.Phase) (*steptest.Store, *steptest.S3, events.Flow) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = phase
	cloud := steptest.NewS3("us-east-1")
	cloud.Buckets[bucket] = &steptest.Bucket{}
	return steptest.NewStore(clock.Now, of), cloud, events.Flow{Sandbox: of.Event(), Made: events.Made{
		Bucket:       &events.Bucket{Name: bucket, Region: "us-east-1"},
		OriginAccess: &events.AccessHandle{Kind: kind, ID: "E1OAI"},
		Distribution: &events.Distribution{ID: "E2", ARN: "arn:aws:cloudfront::000000000000:distribution/E2", DomainName: "d2.cloudfront.net"},
	}}
}

func TestOnlyTheDistributionMayReadAndOnlyByTLS(t *testing.T) {
	tests := map[events.OriginAccess]string{
		events.OriginAccessIdentity: `{"Version":"2012-10-17","Statement":[{"Sid":"ReadByCloudFront","Effect":"Allow",` +
			`"Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1OAI"},` +
			`"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::mayfly-docs-abcdefgh23/*"]},` + tlsOnly + `]}`,
		events.OriginAccessControl: `{"Version":"2012-10-17","Statement":[{"Sid":"ReadByCloudFront","Effect":"Allow",` +
			`"Principal":{"Service":"cloudfront.amazonaws.com"},` +
			`"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::mayfly-docs-abcdefgh23/*"],` +
			`"Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::000000000000:distribution/E2"}}},` + tlsOnly + `]}`,
	}
	for kind, want := range tests {
		t.Run(string(kind), func(t *testing.T) {
			store, cloud, flow := setUp(kind, sandbox.PhaseProvisioning)
			step := applypolicy.New(cloud, store.Ledger())
			for range 2 {
				_, err := step.Handle(t.Context(), flow)
				steptest.WantError(t, err, "")
				if got := cloud.Buckets[bucket].Policy; got != want {
					t.Fatalf("policy\n%s, want\n%s", got, want)
				}
			}
			record, err := store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if record.Step != "awaitdistribution" {
				t.Errorf("the step under way is %q", record.Step)
			}
		})
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, code := range []string{"MalformedPolicy", "AccessDenied", "NoSuchBucket", "OperationAborted"} {
		store, cloud, flow := setUp(events.OriginAccessIdentity, sandbox.PhaseProvisioning)
		cloud.Fail("PutBucketPolicy", steptest.Refusal(code))
		step := applypolicy.New(cloud, store.Ledger())
		_, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, code)
		_, err = step.Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
	}
}

func TestALostReplyIsMadeUpForByTheNextRun(t *testing.T) {
	store, cloud, flow := setUp(events.OriginAccessIdentity, sandbox.PhaseProvisioning)
	cloud.LoseReply("PutBucketPolicy")
	step := applypolicy.New(cloud, store.Ledger())
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "NetworkError")
	_, err = step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "")
}

func TestABucketThatIsBeingDeletedIsNotOpened(t *testing.T) {
	store, cloud, flow := setUp(events.OriginAccessIdentity, sandbox.PhaseDeleting)
	_, err := applypolicy.New(cloud, store.Ledger()).Handle(t.Context(), flow)
	steptest.WantError(t, err, "SandboxDeleting")
	if cloud.Buckets[bucket].Policy != "" {
		t.Fatal("it has a policy")
	}
}
