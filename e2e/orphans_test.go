package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	publictypes "github.com/aws/aws-sdk-go-v2/service/ecrpublic/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// planter puts things into the account that no flow has made.
type planter struct {
	*cloud
	t   *testing.T
	s3  *s3.Client
	cdn *cloudfront.Client
	ecr *ecr.Client
}

func (c *cloud) planter(t *testing.T) planter {
	return planter{c, t, c.s3(), c.cloudfront(), ecr.NewFromConfig(c.aws())}
}

func (p planter) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// bucket makes a versioned bucket with content, and with tags when name is not
// empty.
func (p planter) bucket(bucket, name, id string) string {
	p.t.Helper()
	_, err := p.s3.CreateBucket(p.t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	p.must(err)
	if name != "" {
		_, err = p.s3.PutBucketTagging(p.t.Context(), &s3.PutBucketTaggingInput{Bucket: &bucket, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{
			{Key: aws.String(sandbox.TagSandbox), Value: &name}, {Key: aws.String(sandbox.TagSandboxID), Value: &id},
		}}})
		p.must(err)
	}
	_, err = p.s3.PutBucketVersioning(p.t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	p.must(err)
	for range 3 {
		_, err = p.s3.PutObject(p.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("index.html"), Body: strings.NewReader("content")})
		p.must(err)
	}
	return bucket
}

func (p planter) identity(reference, comment string) string {
	p.t.Helper()
	out, err := p.cdn.CreateCloudFrontOriginAccessIdentity(p.t.Context(), &cloudfront.CreateCloudFrontOriginAccessIdentityInput{
		CloudFrontOriginAccessIdentityConfig: &cftypes.CloudFrontOriginAccessIdentityConfig{CallerReference: &reference, Comment: &comment},
	})
	p.must(err)
	return *out.CloudFrontOriginAccessIdentity.Id
}

func (p planter) control(name, description string) string {
	p.t.Helper()
	out, err := p.cdn.CreateOriginAccessControl(p.t.Context(), &cloudfront.CreateOriginAccessControlInput{OriginAccessControlConfig: &cftypes.OriginAccessControlConfig{
		Name: &name, Description: &description, OriginAccessControlOriginType: cftypes.OriginAccessControlOriginTypesS3,
		SigningBehavior: cftypes.OriginAccessControlSigningBehaviorsAlways, SigningProtocol: cftypes.OriginAccessControlSigningProtocolsSigv4,
	}})
	p.must(err)
	return *out.OriginAccessControl.Id
}

func (p planter) distribution(reference, comment, bucket string) string {
	p.t.Helper()
	out, err := p.cdn.CreateDistribution(p.t.Context(), &cloudfront.CreateDistributionInput{DistributionConfig: &cftypes.DistributionConfig{
		CallerReference: &reference, Comment: &comment, Enabled: aws.Bool(true),
		Origins: &cftypes.Origins{Quantity: aws.Int32(1), Items: []cftypes.Origin{{
			Id: aws.String("o"), DomainName: aws.String(bucket + ".s3.us-east-1.amazonaws.com"), S3OriginConfig: &cftypes.S3OriginConfig{OriginAccessIdentity: aws.String("")},
		}}},
		DefaultCacheBehavior: &cftypes.DefaultCacheBehavior{
			TargetOriginId: aws.String("o"), ViewerProtocolPolicy: cftypes.ViewerProtocolPolicyAllowAll, CachePolicyId: aws.String("658327ea-f89d-4fab-a63d-7e88639e58f6"),
		},
	}})
	p.must(err)
	return *out.Distribution.Id
}

func (p planter) repository(repository, name, id string) string {
	p.t.Helper()
	in := &ecr.CreateRepositoryInput{RepositoryName: &repository}
	if name != "" {
		in.Tags = []ecrtypes.Tag{{Key: aws.String(sandbox.TagSandbox), Value: &name}, {Key: aws.String(sandbox.TagSandboxID), Value: &id}}
	}
	_, err := p.ecr.CreateRepository(p.t.Context(), in)
	p.must(err)
	return repository
}

func (p planter) public(repository, name, id string) string {
	p.t.Helper()
	_, err := ecrpublic.NewFromConfig(p.aws()).CreateRepository(p.t.Context(), &ecrpublic.CreateRepositoryInput{RepositoryName: &repository, Tags: []publictypes.Tag{
		{Key: aws.String(sandbox.TagSandbox), Value: &name}, {Key: aws.String(sandbox.TagSandboxID), Value: &id},
	}})
	p.must(err)
	return repository
}

// orphans runs a comparison to its end.
func (c *cloud) orphans(t *testing.T, fix bool) events.OrphanReport {
	t.Helper()
	var report events.OrphanReport
	if err := c.api(t.Context(), "POST", "/v1/orphans", events.OrphanSearch{Fix: fix}, &report); err != nil {
		t.Fatal(err)
	}
	run := report.Run
	eventually(t, "the comparison ends", func() (bool, error) {
		err := c.api(t.Context(), "GET", "/v1/orphans?run="+run, nil, &report)
		if err == nil && report.Status == events.OrphanReportStatusFailed {
			t.Fatalf("the comparison failed: %+v", report)
		}
		return err == nil && report.Status == events.OrphanReportStatusDone, errors.Join(err, fmt.Errorf("%+v", report))
	})
	return report
}

// TestNothingThatIsNotProvenIsEverDeleted: what a removed sandbox has left goes,
// in its order and to the last version. Look-alikes stay, with all they hold, and
// so does the sandbox that is in use.
func TestNothingThatIsNotProvenIsEverDeleted(t *testing.T) {
	c := start(t, nil)
	p := c.planter(t)
	gone := c.create(t, events.CreateSandbox{Name: "late"})
	p.must(c.api(t.Context(), "DELETE", "/v1/sandboxes/late", nil, nil))
	c.gone(t, "late")
	alive := c.create(t, events.CreateSandbox{Name: "alive"})
	c.release(t, "alive", site())

	// What create calls made whose replies came too late for any teardown.
	const id = "otherother"
	bucket := sandbox.BucketName("late", gone.ID, 0)
	ours := []string{
		p.bucket(bucket, "late", gone.ID), p.distribution(sandbox.CallerReference(gone.ID, sandbox.KindDistribution), sandbox.Comment("late", gone.ID), bucket),
		p.identity(sandbox.CallerReference(gone.ID, sandbox.KindOAI), sandbox.Comment("late", gone.ID)), p.repository("late", "late", gone.ID),
	}
	// What looks like it, and why it proves nothing.
	foreign := map[string]string{
		p.bucket("mayfly-theirs-"+id, "theirs", id):                                                       "this installation made no sandbox theirs",
		p.bucket(sandbox.BucketName("late", gone.ID, 1), "late", id):                                      "its name says sandbox late",
		p.bucket(sandbox.BucketName("alive", gone.ID, 0), "alive", gone.ID):                               "this installation made no sandbox alive",
		p.bucket("mayfly-holiday-pictures", "late", gone.ID):                                              "its name is not one that Mayfly gives",
		p.bucket(sandbox.BucketName("late", gone.ID, 2), "", ""):                                          "has it as its origin",
		p.distribution("by-hand-1", sandbox.Comment("late", gone.ID), "elsewhere"):                        `its caller reference "by-hand-1"`,
		p.distribution("by-hand-2", "a shop of somebody's", sandbox.BucketName("late", gone.ID, 2)):       `its caller reference "by-hand-2"`,
		p.identity("by-hand", sandbox.Comment("late", gone.ID)):                                           `its caller reference "by-hand"`,
		p.identity(sandbox.CallerReference(id, sandbox.KindOAI), sandbox.Comment("theirs", id)):           "this installation made no sandbox theirs",
		p.control(sandbox.CallerReference(id, sandbox.KindOAC), sandbox.Comment("late", gone.ID)):         "its comment says sandbox late",
		p.control(sandbox.CallerReference(alive.ID, sandbox.KindOAC), sandbox.Comment("alive", alive.ID)): "sandbox alive is there, in phase ready",
		p.repository("copied", "late", gone.ID):                                                           "its name says sandbox copied",
		p.public("open", "theirs", id):                                                                    "its name says sandbox open",
		p.repository("theirs", "theirs", id):                                                              "this installation made no sandbox theirs",
	}
	quiet := []string{p.bucket("shop-assets", "late", gone.ID), p.repository("shop", "", ""), p.identity("shop", "a shop")}
	planted := c.inventory(t)

	report := c.orphans(t, false)
	told := make(map[string]events.Orphan)
	for _, o := range report.Orphans {
		told[o.ID] = o
	}
	for _, id := range ours {
		if o := told[id]; !o.Proven || o.Sandbox != "late" || o.SandboxID != gone.ID || o.In != events.OrphanInAccount {
			t.Errorf("%s is ours: %+v", id, o)
		}
	}
	for id, why := range foreign {
		if o := told[id]; o.Proven || !strings.Contains(o.Why, why) {
			t.Errorf("%s is not ours, %q: %+v", id, why, o)
		}
	}
	if len(report.Orphans) != len(ours)+len(foreign) || len(report.Troubles) != 0 {
		t.Errorf("%d orphans, want %d and %d: %+v, troubles %v", len(report.Orphans), len(ours), len(foreign), report.Orphans, report.Troubles)
	}
	if now := c.inventory(t); !maps.Equal(planted, now) {
		t.Errorf("a look has changed the account: %v, then %v", planted, now)
	}

	c.calls.take()
	report = c.orphans(t, true)
	var torn []string
	for _, o := range report.Orphans {
		if o.State == events.OrphanStateTornDown {
			torn = append(torn, o.ID)
		}
	}
	slices.Sort(torn)
	slices.Sort(ours)
	if !slices.Equal(torn, ours) {
		t.Errorf("torn down %v, want %v: %+v", torn, ours, report)
	}
	// Never a bucket while a distribution has it as its origin.
	var order []string
	for _, call := range c.calls.take() {
		if call.Operation == "DeleteBucket" || call.Operation == "DeleteDistribution" || strings.HasPrefix(call.Operation, "DeleteCloudFrontOrigin") {
			order = append(order, call.Operation)
		}
	}
	if !slices.Equal(order, []string{"DeleteDistribution", "DeleteBucket", "DeleteCloudFrontOriginAccessIdentity"}) {
		t.Errorf("deleted in the order %v", order)
	}
	// Each look-alike is there, with what it held.
	report = c.orphans(t, true)
	for _, o := range report.Orphans {
		if _, ok := foreign[o.ID]; !ok || o.State != "" {
			t.Errorf("after the fix: %+v", o)
		}
	}
	want := maps.Clone(planted)
	for what, n := range map[string]int{"buckets": 1, "objects": 3, "distributions": 1, "identities": 1, "repositories": 1} {
		if _, ok := want[what]; !ok {
			t.Fatalf("the inventory has no %s: %v", what, want)
		}
		want[what] -= n
	}
	if now := c.inventory(t); !maps.Equal(want, now) {
		t.Errorf("after the fix the account has %v, want %v", now, want)
	}
	for id := range foreign {
		if strings.HasPrefix(id, "mayfly-") {
			p.holds(id, 3)
		}
	}
	p.holds(quiet[0], 3)
	c.shows(t, alive.URL, "<h1>one</h1>")
	p.must(c.api(t.Context(), "DELETE", "/v1/sandboxes/alive", nil, nil))
	c.gone(t, "alive")
	var audit events.AuditPage
	p.must(c.api(t.Context(), "GET", "/v1/audit?sandbox=late", nil, &audit))
	if e := audit.Entries[0]; e.Action != sandbox.ActionOrphan || e.Before["bucket"] != bucket || e.Principal == "" || time.Since(e.At) > time.Hour {
		t.Errorf("the audit tells %+v", e)
	}
}

// holds fails the test unless a bucket holds n versions.
func (p planter) holds(bucket string, n int) {
	p.t.Helper()
	out, err := p.s3.ListObjectVersions(p.t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	if err != nil || len(out.Versions) != n {
		p.t.Errorf("bucket %s: %v, %+v", bucket, err, out)
	}
}
