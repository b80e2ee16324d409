package createbucket_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/createbucket"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	first  = "mayfly-docs-abcdefgh23"
	second = "mayfly-docs-abcdefgh23-1"
)

func TestABucketIsMade(t *testing.T) {
	tagged := func(id string) []types.Tag {
		return []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}, {Key: aws.String(sandbox.TagSandboxID), Value: aws.String(id)}}
	}
	tests := []struct {
		name   string
		region string
		before func(*steptest.S3)
		want   string
	}{
		{"in us-east-1", "us-east-1", func(*steptest.S3) {}, first},
		{"in another region", "eu-central-1", func(*steptest.S3) {}, first},
		{"under the next name when somebody has the first", "us-east-1", func(s3 *steptest.S3) {
			s3.Buckets[first] = &steptest.Bucket{Foreign: true}
		}, second},
		{"from an earlier try's, which us-east-1 answers with 200", "us-east-1", func(s3 *steptest.S3) {
			s3.Buckets[first] = &steptest.Bucket{Ownership: types.ObjectOwnershipBucketOwnerEnforced, Tags: tagged("abcdefgh23")}
		}, first},
		{"from an earlier try's that has no tags yet", "eu-central-1", func(s3 *steptest.S3) {
			s3.Buckets[first] = &steptest.Bucket{Ownership: types.ObjectOwnershipBucketOwnerEnforced, Location: "eu-central-1"}
		}, first},
		{"under the next name when the first is another sandbox's", "us-east-1", func(s3 *steptest.S3) {
			s3.Buckets[first] = &steptest.Bucket{Tags: tagged("zzzzzzzzzz")}
		}, second},
		{"under the next name when the first is another sandbox's, elsewhere", "eu-central-1", func(s3 *steptest.S3) {
			s3.Buckets[first] = &steptest.Bucket{Tags: tagged("zzzzzzzzzz")}
		}, second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			store := steptest.NewStore(clock.Now, of)
			cloud := steptest.NewS3(tt.region)
			tt.before(cloud)
			step := createbucket.New(cloud, store.Ledger(), tt.region)

			for range 2 { // a second run finds the first one's work
				bucket, err := step.Handle(t.Context(), events.Flow{Sandbox: of.Event()})
				steptest.WantError(t, err, "")
				if want := (events.Bucket{Name: tt.want, Region: tt.region}); bucket != want {
					t.Fatalf("made %+v, want %+v", bucket, want)
				}
			}
			store.WantLine(t, "docs", sandbox.KindBucket, sandbox.StatusMade, tt.want)
			wantProtected(t, cloud.Buckets[tt.want])
		})
	}
}

func wantProtected(t *testing.T, b *steptest.Bucket) {
	t.Helper()
	if b.Ownership != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership %q", b.Ownership)
	}
	if a := b.Access; !*a.BlockPublicAcls || !*a.IgnorePublicAcls || !*a.BlockPublicPolicy || !*a.RestrictPublicBuckets {
		t.Errorf("public access is not blocked whole: %+v", a)
	}
	rule := b.Encryption.Rules[0]
	if rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 || !*rule.BucketKeyEnabled {
		t.Errorf("encryption %+v", rule)
	}
	got := map[string]string{}
	for _, tag := range b.Tags {
		if _, twice := got[*tag.Key]; twice {
			t.Errorf("tag %s twice", *tag.Key)
		}
		got[*tag.Key] = *tag.Value
	}
	for key, value := range map[string]string{sandbox.TagSandbox: "docs", sandbox.TagSandboxID: "abcdefgh23", sandbox.TagOwner: "ada"} {
		if got[key] != value {
			t.Errorf("tag %s is %q, want %q", key, got[key], value)
		}
	}
}

func TestTagsOfTheAccountStay(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	cloud := steptest.NewS3("us-east-1")
	cloud.Buckets[first] = &steptest.Bucket{Tags: []types.Tag{{Key: aws.String("cost-center"), Value: aws.String("42")}}}
	_, err := createbucket.New(cloud, steptest.NewStore(clock.Now, of).Ledger(), "us-east-1").Handle(t.Context(), events.Flow{Sandbox: of.Event()})
	steptest.WantError(t, err, "")
	if tags := cloud.Buckets[first].Tags; len(tags) != 4 || *tags[0].Key != "cost-center" {
		t.Fatalf("tags %v", tags)
	}
}

func TestALostReplyOfAnyCallIsMadeUpForByTheNextRun(t *testing.T) {
	for _, operation := range []string{"CreateBucket", "PutBucketTagging", "PutPublicAccessBlock", "PutBucketEncryption", "Update"} {
		for _, region := range []string{"us-east-1", "eu-central-1"} {
			t.Run(operation+" in "+region, func(t *testing.T) {
				clock := &steptest.Clock{}
				of := steptest.New(clock.Now())
				store, cloud := steptest.NewStore(clock.Now, of), steptest.NewS3(region)
				if operation == "Update" {
					store.LoseReply(operation)
				} else {
					cloud.LoseReply(operation)
				}
				step := createbucket.New(cloud, store.Ledger(), region)
				_, err := step.Handle(t.Context(), events.Flow{Sandbox: of.Event()})
				steptest.WantError(t, err, "NetworkError")
				bucket, err := step.Handle(t.Context(), events.Flow{Sandbox: of.Event()})
				steptest.WantError(t, err, "")
				if len(cloud.Buckets) != 1 || bucket.Name != first {
					t.Fatalf("there are %d buckets, and the step returned %q", len(cloud.Buckets), bucket.Name)
				}
				wantProtected(t, cloud.Buckets[first])
			})
		}
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, code := range []string{"OperationAborted", "TooManyBuckets", "SlowDown", "AccessDenied"} {
		t.Run(code, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			store, cloud := steptest.NewStore(clock.Now, of), steptest.NewS3("us-east-1")
			cloud.Fail("CreateBucket", steptest.Refusal(code))
			_, err := createbucket.New(cloud, store.Ledger(), "us-east-1").Handle(t.Context(), events.Flow{Sandbox: of.Event()})
			steptest.WantError(t, err, code)
			if code == "TooManyBuckets" && !strings.Contains(err.Error(), "quota of general purpose buckets") {
				t.Errorf("does not name the quota: %v", err)
			}
			// The trace that a teardown follows is there.
			store.WantLine(t, "docs", sandbox.KindBucket, sandbox.StatusIntended, first)
		})
	}
}

func TestEveryNameTakenIsFinal(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	store, cloud := steptest.NewStore(clock.Now, of), steptest.NewS3("us-east-1")
	for attempt := range sandbox.MaxBucketAttempts {
		cloud.Buckets[sandbox.BucketName(of.Name, of.ID, attempt)] = &steptest.Bucket{Foreign: true}
	}
	_, err := createbucket.New(cloud, store.Ledger(), "us-east-1").Handle(t.Context(), events.Flow{Sandbox: of.Event()})
	steptest.WantError(t, err, "BucketAlreadyExists")
}

func TestNothingIsMadeBehindATeardownsBack(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = sandbox.PhaseDeleting
	store, cloud := steptest.NewStore(clock.Now, of), steptest.NewS3("us-east-1")
	_, err := createbucket.New(cloud, store.Ledger(), "us-east-1").Handle(t.Context(), events.Flow{Sandbox: of.Event()})
	steptest.WantError(t, err, "SandboxDeleting")
	if len(cloud.Calls()) != 0 {
		t.Fatalf("called %v", cloud.Calls())
	}
}
