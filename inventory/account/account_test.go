package account_test

import (
	"context"
	"fmt"
	"strconv"
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
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/inventory/account"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const id = "abcdefg234"

// pages is how many pages each list has.
const pages = 3

// paged is an account whose lists have a page for each thing: the nth of a
// kind. broken is the code that each answer is, if any; code is what a look at a
// single thing answers.
type paged struct {
	broken, code string
	tags         map[string]string
}

func page(token *string) int {
	n, _ := strconv.Atoi(aws.ToString(token))
	return n
}

func next(n int) *string {
	if n+1 == pages {
		return nil
	}
	return aws.String(strconv.Itoa(n + 1))
}

func (p paged) fault() error {
	if p.broken == "" {
		return nil
	}
	return &smithy.GenericAPIError{Code: p.broken}
}

func (p paged) look() error {
	if p.code == "" {
		return nil
	}
	return &smithy.GenericAPIError{Code: p.code}
}

func (p paged) ListBuckets(_ context.Context, in *s3.ListBucketsInput, _ ...func(*s3.Options)) (*s3.ListBucketsOutput, error) {
	n := page(in.ContinuationToken)
	names := []string{"mayfly-uploads", sandbox.BucketName("site", id, 0), "mayfly-other"}
	return &s3.ListBucketsOutput{Buckets: []s3types.Bucket{{Name: &names[n]}}, ContinuationToken: next(n)}, p.fault()
}

func (p paged) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	n := page(in.ContinuationToken)
	out := &s3.ListObjectsV2Output{IsTruncated: aws.Bool(next(n) != nil), NextContinuationToken: next(n)}
	if in.Delimiter == nil {
		if p.code != "gone" {
			out.Contents = []s3types.Object{{LastModified: aws.Time(time.Unix(int64(100-n), 0))}}
		}
		return out, p.fault()
	}
	out.CommonPrefixes = []s3types.CommonPrefix{{Prefix: aws.String(*in.Prefix + []string{id, "not-an-id", "otherother"}[n] + "/")}}
	return out, p.fault()
}

func (p paged) GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error) {
	out := &s3.GetBucketTaggingOutput{}
	for key, value := range p.tags {
		out.TagSet = append(out.TagSet, s3types.Tag{Key: &key, Value: &value})
	}
	return out, p.look()
}

func (p paged) ListDistributions(_ context.Context, in *cloudfront.ListDistributionsInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsOutput, error) {
	n := page(in.Marker)
	comments := []string{"a shop", sandbox.Comment("site", id), "another"}
	origins := []string{"shop.s3.us-east-1.amazonaws.com", "example.org", sandbox.BucketName("site", id, 0) + ".s3-website-us-east-1.amazonaws.com"}
	return &cloudfront.ListDistributionsOutput{DistributionList: &cftypes.DistributionList{
		Items: []cftypes.DistributionSummary{{
			Id: aws.String(fmt.Sprint("E", n)), Comment: &comments[n], Origins: &cftypes.Origins{Items: []cftypes.Origin{{DomainName: &origins[n]}}},
		}},
		IsTruncated: aws.Bool(next(n) != nil), NextMarker: next(n),
	}}, p.fault()
}

func (p paged) GetDistribution(_ context.Context, in *cloudfront.GetDistributionInput, _ ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error) {
	return &cloudfront.GetDistributionOutput{Distribution: &cftypes.Distribution{Id: in.Id, DistributionConfig: &cftypes.DistributionConfig{
		Comment: aws.String(p.tags["comment"]), CallerReference: aws.String(p.tags["reference"]),
	}}}, p.look()
}

func (p paged) ListCloudFrontOriginAccessIdentities(_ context.Context, in *cloudfront.ListCloudFrontOriginAccessIdentitiesInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error) {
	n := page(in.Marker)
	return &cloudfront.ListCloudFrontOriginAccessIdentitiesOutput{CloudFrontOriginAccessIdentityList: &cftypes.CloudFrontOriginAccessIdentityList{
		Items:       []cftypes.CloudFrontOriginAccessIdentitySummary{{Id: aws.String(fmt.Sprint("I", n)), Comment: aws.String(sandbox.Comment("site", id))}},
		IsTruncated: aws.Bool(next(n) != nil), NextMarker: next(n),
	}}, p.fault()
}

func (p paged) GetCloudFrontOriginAccessIdentity(context.Context, *cloudfront.GetCloudFrontOriginAccessIdentityInput, ...func(*cloudfront.Options)) (*cloudfront.GetCloudFrontOriginAccessIdentityOutput, error) {
	return &cloudfront.GetCloudFrontOriginAccessIdentityOutput{CloudFrontOriginAccessIdentity: &cftypes.CloudFrontOriginAccessIdentity{
		CloudFrontOriginAccessIdentityConfig: &cftypes.CloudFrontOriginAccessIdentityConfig{Comment: aws.String(p.tags["comment"]), CallerReference: aws.String(p.tags["reference"])},
	}}, p.look()
}

func (p paged) ListOriginAccessControls(_ context.Context, in *cloudfront.ListOriginAccessControlsInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListOriginAccessControlsOutput, error) {
	n := page(in.Marker)
	return &cloudfront.ListOriginAccessControlsOutput{OriginAccessControlList: &cftypes.OriginAccessControlList{
		Items:       []cftypes.OriginAccessControlSummary{{Id: aws.String(fmt.Sprint("C", n)), Name: aws.String(sandbox.CallerReference(id, sandbox.KindOAC))}},
		IsTruncated: aws.Bool(next(n) != nil), NextMarker: next(n),
	}}, p.fault()
}

func (p paged) GetOriginAccessControl(context.Context, *cloudfront.GetOriginAccessControlInput, ...func(*cloudfront.Options)) (*cloudfront.GetOriginAccessControlOutput, error) {
	return &cloudfront.GetOriginAccessControlOutput{OriginAccessControl: &cftypes.OriginAccessControl{
		OriginAccessControlConfig: &cftypes.OriginAccessControlConfig{Description: aws.String(p.tags["comment"]), Name: aws.String(p.tags["reference"])},
	}}, p.look()
}

// registry and public are the account's two registries.
type (
	registry struct{ paged }
	public   struct{ paged }
)

func (r registry) DescribeRepositories(_ context.Context, in *ecr.DescribeRepositoriesInput, _ ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error) {
	n := page(in.NextToken)
	names := []string{"shop", "mayfly-dev/site", "mayfly-dev/NOT ours"}
	return &ecr.DescribeRepositoriesOutput{Repositories: []ecrtypes.Repository{{RepositoryName: &names[n]}}, NextToken: next(n)}, r.fault()
}

func (r registry) ListTagsForResource(context.Context, *ecr.ListTagsForResourceInput, ...func(*ecr.Options)) (*ecr.ListTagsForResourceOutput, error) {
	out := &ecr.ListTagsForResourceOutput{}
	for key, value := range r.tags {
		out.Tags = append(out.Tags, ecrtypes.Tag{Key: &key, Value: &value})
	}
	return out, r.look()
}

func (r public) DescribeRepositories(_ context.Context, in *ecrpublic.DescribeRepositoriesInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.DescribeRepositoriesOutput, error) {
	n := page(in.NextToken)
	names := []string{"shop", "mayfly-dev/open", "theirs"}
	return &ecrpublic.DescribeRepositoriesOutput{Repositories: []publictypes.Repository{{RepositoryName: &names[n]}}, NextToken: next(n)}, r.fault()
}

func (r public) ListTagsForResource(context.Context, *ecrpublic.ListTagsForResourceInput, ...func(*ecrpublic.Options)) (*ecrpublic.ListTagsForResourceOutput, error) {
	out := &ecrpublic.ListTagsForResourceOutput{}
	for key, value := range r.tags {
		out.Tags = append(out.Tags, publictypes.Tag{Key: &key, Value: &value})
	}
	return out, r.look()
}

func open(p paged) *account.Account {
	return account.New(p, p, registry{p}, public{p}, account.Options{Region: "us-east-1", UploadBucket: "mayfly-uploads", RepositoryPrefix: "mayfly-dev/"})
}

func TestListsAreReadToTheirEnd(t *testing.T) {
	all := open(paged{}).List(t.Context())
	held, marked := map[sandbox.Kind]int{}, map[sandbox.Kind]string{}
	for _, thing := range all.Things {
		held[thing.Kind]++
		if thing.Marked {
			marked[thing.Kind] += " " + thing.ID
		}
	}
	for kind, want := range map[sandbox.Kind]struct {
		held   int
		marked string
	}{
		sandbox.KindBucket:       {2, " mayfly-site-abcdefg234 mayfly-other"}, // without the installation's own
		inventory.KindUploads:    {4, " uploads/abcdefg234/ uploads/otherother/ manifests/abcdefg234/ manifests/otherother/"},
		sandbox.KindDistribution: {3, " E1 E2"}, // by its comment, and by its origin
		sandbox.KindOAI:          {3, " I0 I1 I2"}, sandbox.KindOAC: {3, " C0 C1 C2"},
		sandbox.KindRepository: {3, " mayfly-dev/site"}, sandbox.KindPublicRepository: {3, " mayfly-dev/open"},
	} {
		if held[kind] != want.held || marked[kind] != want.marked {
			t.Errorf("%s: %d, marked%s; want %d,%s", kind, held[kind], marked[kind], want.held, want.marked)
		}
	}
	if got := all.Origins["mayfly-site-abcdefg234"]; len(all.Origins) != 2 || len(got) != 1 || got[0] != "E2" || all.Origins["shop"][0] != "E0" {
		t.Errorf("origins %v", all.Origins)
	}
	if len(all.Troubles) != 0 {
		t.Errorf("troubles %v", all.Troubles)
	}
	if broken := open(paged{broken: "AccessDenied"}).List(t.Context()); len(broken.Troubles) != 7 || !strings.Contains(broken.Troubles[sandbox.KindOAC].Error(), "list origin access controls") {
		t.Errorf("troubles %v", broken.Troubles)
	}
}

// TestWhatMarksSay holds what each kind is read for when it is looked at.
func TestWhatMarksSay(t *testing.T) {
	ours := map[string]string{sandbox.TagSandbox: "site", sandbox.TagSandboxID: id, "team": "web"}
	theirs := map[string]string{sandbox.TagSandbox: "theirs", sandbox.TagSandboxID: id}
	said := func(comment, reference string) map[string]string {
		return map[string]string{"comment": comment, "reference": reference}
	}
	bucket := sandbox.BucketName("site", id, 0)
	for name, test := range map[string]struct {
		kind  sandbox.Kind
		thing string
		in    paged
		there bool
		doubt string
		fails bool
	}{
		"a tagged bucket":                        {kind: sandbox.KindBucket, thing: bucket, in: paged{tags: ours}, there: true},
		"one that was never tagged":              {kind: sandbox.KindBucket, thing: bucket, in: paged{code: "NoSuchTagSet"}, there: true},
		"one with others' tags alone":            {kind: sandbox.KindBucket, thing: bucket, in: paged{tags: map[string]string{"team": "web"}}, there: true},
		"one whose tags name another":            {kind: sandbox.KindBucket, thing: bucket, in: paged{tags: theirs}, there: true, doubt: "its name says sandbox site"},
		"one with half of the tags":              {kind: sandbox.KindBucket, thing: bucket, in: paged{tags: map[string]string{sandbox.TagOwner: "ada"}}, there: true, doubt: "its name says sandbox site"},
		"one with another kind of name":          {kind: sandbox.KindBucket, thing: "mayfly-other", in: paged{tags: ours}, there: true, doubt: "its name is not one"},
		"one that is gone":                       {kind: sandbox.KindBucket, thing: bucket, in: paged{code: "NoSuchBucket"}},
		"one that can't be read":                 {kind: sandbox.KindBucket, thing: bucket, in: paged{code: "AccessDenied"}, fails: true},
		"uploads that are gone":                  {kind: inventory.KindUploads, in: paged{code: "gone"}},
		"a distribution":                         {kind: sandbox.KindDistribution, in: paged{tags: said(sandbox.Comment("site", id), sandbox.CallerReference(id, sandbox.KindDistribution))}, there: true},
		"a copy by hand":                         {kind: sandbox.KindDistribution, in: paged{tags: said(sandbox.Comment("site", id), "1764280000")}, there: true, doubt: "its caller reference"},
		"a comment by hand":                      {kind: sandbox.KindDistribution, in: paged{tags: said("mayfly site", sandbox.CallerReference(id, sandbox.KindDistribution))}, there: true, doubt: "its comment"},
		"a comment of another":                   {kind: sandbox.KindDistribution, in: paged{tags: said(sandbox.Comment("site", "otherother"), sandbox.CallerReference(id, sandbox.KindDistribution))}, there: true, doubt: "its comment says sandbox site (otherother)"},
		"a distribution that is gone":            {kind: sandbox.KindDistribution, in: paged{code: "NoSuchDistribution"}},
		"an identity":                            {kind: sandbox.KindOAI, in: paged{tags: said(sandbox.Comment("site", id), sandbox.CallerReference(id, sandbox.KindOAI))}, there: true},
		"a reference of another kind":            {kind: sandbox.KindOAI, in: paged{tags: said(sandbox.Comment("site", id), sandbox.CallerReference(id, sandbox.KindDistribution))}, there: true, doubt: "its caller reference"},
		"an identity that is gone":               {kind: sandbox.KindOAI, in: paged{code: "NoSuchCloudFrontOriginAccessIdentity"}},
		"a control":                              {kind: sandbox.KindOAC, in: paged{tags: said(sandbox.Comment("site", id), sandbox.CallerReference(id, sandbox.KindOAC))}, there: true},
		"a control without description":          {kind: sandbox.KindOAC, in: paged{tags: said("", sandbox.CallerReference(id, sandbox.KindOAC))}, there: true, doubt: "its comment"},
		"a control that is gone":                 {kind: sandbox.KindOAC, in: paged{code: "NoSuchOriginAccessControl"}},
		"a repository":                           {kind: sandbox.KindRepository, thing: "mayfly-dev/site", in: paged{tags: ours}, there: true},
		"a repository with a name of ours alone": {kind: sandbox.KindRepository, thing: "mayfly-dev/site", in: paged{tags: map[string]string{"team": "web"}}},
		"one with copied tags":                   {kind: sandbox.KindRepository, thing: "mayfly-dev/copy", in: paged{tags: ours}, there: true, doubt: "its name says sandbox copy"},
		"a repository that is gone":              {kind: sandbox.KindRepository, thing: "mayfly-dev/site", in: paged{code: "RepositoryNotFoundException"}},
		"a public repository":                    {kind: sandbox.KindPublicRepository, thing: "mayfly-dev/site", in: paged{tags: ours}, there: true},
		"a public one that can't be read":        {kind: sandbox.KindPublicRepository, thing: "mayfly-dev/site", in: paged{code: "ServerException"}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			of := open(test.in)
			var thing inventory.Thing
			for _, one := range of.List(t.Context()).Things {
				if one.Kind == test.kind {
					thing = one // with what the step carries
				}
			}
			if test.thing != "" {
				thing.ID = test.thing
			}
			got, there, err := of.Inspect(t.Context(), thing)
			if (err != nil) != test.fails || err == nil && there != test.there {
				t.Fatalf("there %v, %v", there, err)
			}
			if !there || test.fails {
				return
			}
			if (got.Doubt == "") != (test.doubt == "") || !strings.Contains(got.Doubt, test.doubt) {
				t.Errorf("doubt %q, want %q", got.Doubt, test.doubt)
			}
			if test.doubt == "" && got.Mark != (inventory.Mark{Name: "site", ID: id}) {
				t.Errorf("mark %+v", got.Mark)
			}
		})
	}
}

func TestUploadsAreAsOldAsTheNewestOfThem(t *testing.T) {
	got, there, err := open(paged{}).Inspect(t.Context(), inventory.Thing{Kind: inventory.KindUploads, ID: "uploads/" + id + "/"})
	if err != nil || !there || !got.At.Equal(time.Unix(100, 0)) {
		t.Errorf("%+v, %v, %v", got, there, err)
	}
}
