package ecr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

func TestTagsOfRepositories(t *testing.T) {
	f := start(t, local.Options{})
	out, err := f.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: ptr("a/b"), Tags: []types.Tag{{Key: ptr("team"), Value: ptr("red")}}})
	must(t, err)
	arn := out.Repository.RepositoryArn
	_, err = f.TagResource(t.Context(), &ecr.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: ptr("team"), Value: ptr("blue")}, {Key: ptr("a"), Value: ptr("")}}})
	must(t, err)
	_, err = f.UntagResource(t.Context(), &ecr.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a", "never"}})
	must(t, err)
	listed, err := f.ListTagsForResource(t.Context(), &ecr.ListTagsForResourceInput{ResourceArn: arn})
	must(t, err)
	if len(listed.Tags) != 1 || *listed.Tags[0].Key != "team" || *listed.Tags[0].Value != "blue" {
		t.Errorf("tags %+v", listed.Tags)
	}
	var many []types.Tag
	for i := range 51 {
		many = append(many, types.Tag{Key: ptr("k" + number(i)), Value: ptr("v")})
	}
	_, err = f.TagResource(t.Context(), &ecr.TagResourceInput{ResourceArn: arn, Tags: many})
	wantCode(t, err, "TooManyTagsException")
	_, err = f.ListTagsForResource(t.Context(), &ecr.ListTagsForResourceInput{ResourceArn: ptr("arn:aws:s3:::x")})
	wantCode(t, err, "InvalidParameterException")
	_, err = f.ListTagsForResource(t.Context(), &ecr.ListTagsForResourceInput{ResourceArn: ptr(*arn + "x")})
	wantCode(t, err, "RepositoryNotFoundException")
}

func TestMutabilityIsChanged(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	f.push("site:v1", 1)
	_, err := f.PutImageTagMutability(t.Context(), &ecr.PutImageTagMutabilityInput{RepositoryName: ptr("site"), ImageTagMutability: types.ImageTagMutabilityImmutable})
	must(t, err)
	if err := remote.Write(f.ref("site:v1"), newImage(t, 2, 1), f.remote()...); err == nil {
		t.Error("an immutable tag was moved")
	}
	_, err = f.PutImageTagMutability(t.Context(), &ecr.PutImageTagMutabilityInput{RepositoryName: ptr("site"), ImageTagMutability: types.ImageTagMutabilityMutable})
	must(t, err)
	f.push("site:v1", 3)
	_, err = f.PutImageTagMutability(t.Context(), &ecr.PutImageTagMutabilityInput{RepositoryName: ptr("nowhere"), ImageTagMutability: types.ImageTagMutabilityMutable})
	wantCode(t, err, "RepositoryNotFoundException")
}

func TestSettingsOfTheRegistry(t *testing.T) {
	f := start(t, local.Options{})
	registry, err := f.DescribeRegistry(t.Context(), &ecr.DescribeRegistryInput{})
	must(t, err)
	if *registry.RegistryId != account || len(registry.ReplicationConfiguration.Rules) != 0 {
		t.Errorf("registry %+v", registry)
	}
	_, err = f.GetRegistryPolicy(t.Context(), &ecr.GetRegistryPolicyInput{})
	wantCode(t, err, "RegistryPolicyNotFoundException")
	before, err := f.GetRegistryScanningConfiguration(t.Context(), &ecr.GetRegistryScanningConfigurationInput{})
	must(t, err)
	if before.ScanningConfiguration.ScanType != types.ScanTypeBasic || len(before.ScanningConfiguration.Rules) != 0 {
		t.Errorf("scanning %+v", before.ScanningConfiguration)
	}
	_, err = f.PutRegistryScanningConfiguration(t.Context(), &ecr.PutRegistryScanningConfigurationInput{Rules: []types.RegistryScanningRule{{
		ScanFrequency:     types.ScanFrequencyScanOnPush,
		RepositoryFilters: []types.ScanningRepositoryFilter{{Filter: ptr("prod*"), FilterType: types.ScanningRepositoryFilterTypeWildcard}},
	}}})
	must(t, err)
	_, err = f.PutRegistryScanningConfiguration(t.Context(), &ecr.PutRegistryScanningConfigurationInput{ScanType: types.ScanTypeEnhanced})
	wantCode(t, err, "ValidationException")
	f.create("prod-site")
	f.create("dev-site")
	got, err := f.BatchGetRepositoryScanningConfiguration(t.Context(), &ecr.BatchGetRepositoryScanningConfigurationInput{RepositoryNames: []string{"prod-site", "dev-site", "nowhere"}})
	must(t, err)
	if len(got.ScanningConfigurations) != 2 || !got.ScanningConfigurations[0].ScanOnPush || got.ScanningConfigurations[1].ScanOnPush || len(got.Failures) != 1 {
		t.Errorf("scanning %+v", got)
	}
	f.push("prod-site:v1", 1)
	if detail := f.describe("prod-site")[0]; detail.ImageScanStatus == nil {
		t.Error("an image that was to be scanned was not")
	}
	_, err = f.GetAccountSetting(t.Context(), &ecr.GetAccountSettingInput{Name: ptr("BASIC_SCAN_TYPE_VERSION")})
	wantCode(t, err, "UnknownOperationException")
}

const keepTwo = `{"rules":[{"rulePriority":1,"description":"keep two","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":2},"action":{"type":"expire"}}]}`

func TestLifecyclePolicies(t *testing.T) {
	dir := t.TempDir()
	time0 := &clock{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	f := start(t, local.Options{Dir: dir, Now: time0.Now})
	f.create("site")
	f.create("broken")
	for i, tag := range []string{"a", "b", "c", "d"} {
		time0.advance(time.Hour)
		f.push("site:"+tag, int64(i))
	}
	repository := ptr("site")
	_, err := f.GetLifecyclePolicy(t.Context(), &ecr.GetLifecyclePolicyInput{RepositoryName: repository})
	wantCode(t, err, "LifecyclePolicyNotFoundException")
	_, err = f.DeleteLifecyclePolicy(t.Context(), &ecr.DeleteLifecyclePolicyInput{RepositoryName: repository})
	wantCode(t, err, "LifecyclePolicyNotFoundException")
	_, err = f.GetLifecyclePolicyPreview(t.Context(), &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: repository})
	wantCode(t, err, "LifecyclePolicyPreviewNotFoundException")
	_, err = f.StartLifecyclePolicyPreview(t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: repository})
	wantCode(t, err, "LifecyclePolicyNotFoundException")
	_, err = f.PutLifecyclePolicy(t.Context(), &ecr.PutLifecyclePolicyInput{RepositoryName: repository, LifecyclePolicyText: ptr(strings.Replace(keepTwo, `"any"`, `"ever"`, 1))})
	wantCode(t, err, "InvalidParameterException")
	if !strings.Contains(err.Error(), "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ") {
		t.Error(err)
	}

	_, err = f.StartLifecyclePolicyPreview(t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: repository, LifecyclePolicyText: ptr(keepTwo)})
	must(t, err)
	time0.advance(time.Hour)
	f.push("site:e", 5) // after the preview began
	var previewed []string
	pages := ecr.NewGetLifecyclePolicyPreviewPaginator(f, &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: repository, MaxResults: ptr(int32(1))})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		must(t, err)
		if out.Status != types.LifecyclePolicyPreviewStatusComplete || *out.Summary.ExpiringImageTotalCount != 2 || len(out.PreviewResults) != 1 {
			t.Fatalf("preview %+v", out)
		}
		result := out.PreviewResults[0]
		if result.Action.Type != types.ImageActionTypeExpire || *result.AppliedRulePriority != 1 {
			t.Errorf("result %+v", result)
		}
		previewed = append(previewed, result.ImageTags...)
	}
	if strings.Join(previewed, "") != "ab" || len(f.tags("site")) != 5 {
		t.Errorf("previewed %v", previewed)
	}

	_, err = f.PutLifecyclePolicy(t.Context(), &ecr.PutLifecyclePolicyInput{RepositoryName: repository, LifecyclePolicyText: ptr(keepTwo)})
	must(t, err)
	must(t, f.service.RunLifecycle(t.Context(), time0.now))
	if tags := f.tags("site"); len(tags) != 2 || tags["d"] == "" || tags["e"] == "" {
		t.Errorf("left: %v", tags)
	}
	if files := blobFiles(t, dir); len(files) != 12 { // 2 images of 3 blobs, each with its link
		t.Errorf("%d files left", len(files))
	}
	got, err := f.GetLifecyclePolicy(t.Context(), &ecr.GetLifecyclePolicyInput{RepositoryName: repository})
	must(t, err)
	if *got.LifecyclePolicyText != keepTwo || got.LastEvaluatedAt == nil {
		t.Errorf("policy %+v", got)
	}
	_, err = f.DeleteLifecyclePolicy(t.Context(), &ecr.DeleteLifecyclePolicyInput{RepositoryName: repository})
	must(t, err)
	f.push("site:f", 6)
	must(t, f.service.RunLifecycle(t.Context(), time0.now))
	if tags := f.tags("site"); len(tags) != 3 {
		t.Errorf("left: %v", tags)
	}
}

// Archived by pulls; an index's images and what is about an image stay.
func TestLifecyclePoliciesArchive(t *testing.T) {
	time0 := &clock{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	f := start(t, local.Options{Now: time0.Now})
	f.create("site")
	f.push("site:used", 1)
	f.push("site:unused", 2)
	_, err := f.PutLifecyclePolicy(t.Context(), &ecr.PutLifecyclePolicyInput{RepositoryName: ptr("site"), LifecyclePolicyText: ptr(
		`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePulled","countUnit":"days","countNumber":7},"action":{"type":"transition","targetStorageClass":"archive"}},
		{"rulePriority":2,"selection":{"tagStatus":"any","storageClass":"archive","countType":"sinceImageTransitioned","countUnit":"days","countNumber":90},"action":{"type":"expire"}}]}`)})
	must(t, err)
	time0.advance(6 * 24 * time.Hour)
	f.auth = nil
	_, err = remote.Get(f.ref("site:used"), f.remote()...)
	must(t, err)
	time0.advance(2 * 24 * time.Hour)
	must(t, f.service.RunLifecycle(t.Context(), time0.now))
	if detail := f.describe("site", types.ImageIdentifier{ImageTag: ptr("unused")})[0]; detail.ImageStatus != types.ImageStatusArchived {
		t.Errorf("unused is %s", detail.ImageStatus)
	}
	if detail := f.describe("site", types.ImageIdentifier{ImageTag: ptr("used")})[0]; detail.ImageStatus != types.ImageStatusActive {
		t.Errorf("used is %s", detail.ImageStatus)
	}
	time0.advance(91 * 24 * time.Hour)
	must(t, f.service.RunLifecycle(t.Context(), time0.now))
	out, err := f.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: ptr("site"), Filter: &types.DescribeImagesFilter{ImageStatus: types.ImageStatusFilterAny}})
	must(t, err)
	if len(out.ImageDetails) != 1 || out.ImageDetails[0].ImageTags[0] != "used" {
		t.Errorf("left: %+v", out.ImageDetails)
	}
}
