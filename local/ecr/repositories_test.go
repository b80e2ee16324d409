package ecr_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

func TestARepositoryIsWhatWasAskedFor(t *testing.T) {
	f := start(t, local.Options{})
	out, err := f.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName:             ptr("team/site"),
		ImageTagMutability:         types.ImageTagMutabilityImmutableWithExclusion,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
		EncryptionConfiguration:    &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeKms, KmsKey: ptr("alias/images")},
		ImageTagMutabilityExclusionFilters: []types.ImageTagMutabilityExclusionFilter{
			{FilterType: types.ImageTagMutabilityExclusionFilterTypeWildcard, Filter: ptr("dev-*")},
		},
	})
	must(t, err)
	described, err := f.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"team/site"}})
	must(t, err)
	for _, r := range append(described.Repositories, *out.Repository) {
		if *r.RepositoryArn != "arn:aws:ecr:us-east-1:000000000000:repository/team/site" || *r.RepositoryUri != f.host+"/team/site" || *r.RegistryId != account || r.CreatedAt == nil {
			t.Errorf("names: %+v", r)
		}
		if r.ImageTagMutability != types.ImageTagMutabilityImmutableWithExclusion || len(r.ImageTagMutabilityExclusionFilters) != 1 || !r.ImageScanningConfiguration.ScanOnPush {
			t.Errorf("settings: %+v", r)
		}
		if r.EncryptionConfiguration.EncryptionType != types.EncryptionTypeKms || *r.EncryptionConfiguration.KmsKey != "arn:aws:kms:us-east-1:000000000000:alias/images" {
			t.Errorf("encryption: %+v", r.EncryptionConfiguration)
		}
	}
}

func TestRepositoriesAreRefusedAsECRRefusesThem(t *testing.T) {
	f := start(t, local.Options{Quotas: local.Quotas{Repositories: 2}})
	f.create("there")
	wildcard := func(filter string) []types.ImageTagMutabilityExclusionFilter {
		return []types.ImageTagMutabilityExclusionFilter{{FilterType: types.ImageTagMutabilityExclusionFilterTypeWildcard, Filter: &filter}}
	}
	for _, row := range []struct {
		why  string
		in   ecr.CreateRepositoryInput
		want string
	}{
		{"exists", ecr.CreateRepositoryInput{RepositoryName: ptr("there")}, "RepositoryAlreadyExistsException"},
		{"upper case", ecr.CreateRepositoryInput{RepositoryName: ptr("There")}, "InvalidParameterException"},
		{"one letter", ecr.CreateRepositoryInput{RepositoryName: ptr("a")}, "InvalidParameterException"},
		{"257 letters", ecr.CreateRepositoryInput{RepositoryName: ptr(strings.Repeat("a", 257))}, "InvalidParameterException"},
		{"two slashes", ecr.CreateRepositoryInput{RepositoryName: ptr("a//b")}, "InvalidParameterException"},
		{"slash at the end", ecr.CreateRepositoryInput{RepositoryName: ptr("ab/")}, "InvalidParameterException"},
		{"up and out", ecr.CreateRepositoryInput{RepositoryName: ptr("../ab")}, "InvalidParameterException"},
		{"the public registry", ecr.CreateRepositoryInput{RepositoryName: ptr("public.ecr.aws/x")}, "InvalidParameterException"},
		{"no such mutability", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), ImageTagMutability: "SOMETIMES"}, "InvalidParameterException"},
		{"exclusions of nothing", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), ImageTagMutabilityExclusionFilters: wildcard("x*")}, "InvalidParameterException"},
		{"no exclusions", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), ImageTagMutability: types.ImageTagMutabilityImmutableWithExclusion}, "InvalidParameterException"},
		{"three wildcards", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), ImageTagMutability: types.ImageTagMutabilityImmutableWithExclusion, ImageTagMutabilityExclusionFilters: wildcard("*a*b*")}, "InvalidParameterException"},
		{"a key for AES256", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256, KmsKey: ptr("k")}}, "InvalidParameterException"},
		{"no such encryption", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionType: "ROT13"}}, "InvalidParameterException"},
		{"AWS's tag", ecr.CreateRepositoryInput{RepositoryName: ptr("new"), Tags: []types.Tag{{Key: ptr("aws:x"), Value: ptr("")}}}, "InvalidTagParameterException"},
		{"the last", ecr.CreateRepositoryInput{RepositoryName: ptr("new")}, ""},
		{"one too many", ecr.CreateRepositoryInput{RepositoryName: ptr("newer")}, "LimitExceededException"},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, err := f.CreateRepository(t.Context(), &row.in)
			wantCode(t, err, row.want)
		})
	}
	_, err := f.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"there", "nowhere"}})
	wantCode(t, err, "RepositoryNotFoundException")
	_, err = f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("nowhere")})
	wantCode(t, err, "RepositoryNotFoundException")
	_, err = f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("there"), RegistryId: ptr("111111111111")})
	wantCode(t, err, "RepositoryNotFoundException")
}

func TestRepositoriesAreListedToTheEnd(t *testing.T) {
	f := start(t, local.Options{})
	for i := range 25 {
		f.create("r" + number(i))
	}
	var names []string
	pages := ecr.NewDescribeRepositoriesPaginator(f, &ecr.DescribeRepositoriesInput{MaxResults: ptr(int32(10))})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		must(t, err)
		if len(out.Repositories) > 10 {
			t.Errorf("a page of %d", len(out.Repositories))
		}
		for _, r := range out.Repositories {
			names = append(names, *r.RepositoryName)
		}
	}
	if len(names) != 25 || names[0] != "r000" || names[24] != "r024" {
		t.Errorf("listed %v", names)
	}
	for _, bad := range []int32{0, 1001} {
		_, err := f.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{MaxResults: &bad})
		wantCode(t, err, "InvalidParameterException")
	}
	_, err := f.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{NextToken: ptr("!")})
	wantCode(t, err, "InvalidParameterException")
}

func TestARepositoryWithImagesIsDeletedByForceAlone(t *testing.T) {
	dir := t.TempDir()
	f := start(t, local.Options{Dir: dir})
	f.create("site")
	f.push("site:v1", 1)
	_, err := f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("site")})
	wantCode(t, err, "RepositoryNotEmptyException")
	_, err = f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("site"), Force: true})
	must(t, err)
	if left := blobFiles(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// A repository of the same name begins anew.
	f.create("site")
	if images := f.describe("site"); len(images) != 0 {
		t.Errorf("a new repository has %d images", len(images))
	}
}
