package ecr_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	publictypes "github.com/aws/aws-sdk-go-v2/service/ecrpublic/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

func TestAPublicRepositoryIsPulledByAnybody(t *testing.T) {
	b := newBus()
	f := start(t, local.Options{Events: b})
	f.create("site") // private, of the same name
	out, err := f.public.CreateRepository(t.Context(), &ecrpublic.CreateRepositoryInput{
		RepositoryName: ptr("site"), CatalogData: &publictypes.RepositoryCatalogDataInput{Description: ptr("a site"), Architectures: []string{"x86-64"}},
		Tags: []publictypes.Tag{{Key: ptr("team"), Value: ptr("red")}},
	})
	must(t, err)
	path := strings.TrimPrefix(*out.Repository.RepositoryUri, f.host+"/")
	if path != "public.ecr.aws/mayfly/site" || *out.Repository.RepositoryArn != "arn:aws:ecr-public::000000000000:repository/site" || *out.CatalogData.Description != "a site" {
		t.Errorf("created %+v", out)
	}
	login, err := f.public.GetAuthorizationToken(t.Context(), &ecrpublic.GetAuthorizationTokenInput{})
	must(t, err)
	decoded, err := base64.StdEncoding.DecodeString(*login.AuthorizationData.AuthorizationToken)
	must(t, err)
	user, password, _ := strings.Cut(string(decoded), ":")
	image := newImage(t, 1, 2)
	must(t, remote.Write(f.ref(path+":v1"), image, f.with(&authn.Basic{Username: user, Password: password})...))

	pulled, err := remote.Image(f.ref(path+":v1"), f.with(authn.Anonymous)...)
	must(t, err)
	layers, err := pulled.Layers()
	must(t, err)
	content, err := layers[0].Compressed()
	must(t, err)
	must(t, content.Close())
	if digestOf(t, pulled) != digestOf(t, image) {
		t.Error("another image came back")
	}
	anonymous := map[string]string{"Authorization": "none"}
	f.wantRaw(http.MethodGet, "/v2/"+path+"/tags/list", anonymous, "", http.StatusOK, "")
	f.wantRaw(http.MethodPost, "/v2/"+path+"/blobs/uploads/", anonymous, "", http.StatusUnauthorized, "")
	f.wantRaw(http.MethodPut, "/v2/"+path+"/manifests/v1", anonymous, "{}", http.StatusUnauthorized, "")
	f.wantRaw(http.MethodDelete, "/v2/"+path+"/manifests/v1", anonymous, "", http.StatusUnauthorized, "")
	f.wantRaw(http.MethodGet, "/v2/site/manifests/v1", anonymous, "", http.StatusUnauthorized, "")
	f.wantRaw(http.MethodGet, "/v2/public.ecr.aws/mayfly/other/manifests/v1", anonymous, "", http.StatusNotFound, "NAME_UNKNOWN")
	f.wantRaw(http.MethodGet, "/v2/public.ecr.aws/other/site/manifests/v1", anonymous, "", http.StatusUnauthorized, "")
	if images := f.describe("site"); len(images) != 0 {
		t.Error("the private repository has the image")
	}
	select {
	case e := <-b.got:
		t.Errorf("a public push was announced: %+v", e)
	default:
	}
}

func TestThePublicAPI(t *testing.T) {
	f := start(t, local.Options{})
	api, name := f.public, ptr("site")
	_, err := api.DescribeImages(t.Context(), &ecrpublic.DescribeImagesInput{RepositoryName: name})
	wantCode(t, err, "RepositoryNotFoundException")
	_, err = api.CreateRepository(t.Context(), &ecrpublic.CreateRepositoryInput{RepositoryName: name})
	must(t, err)
	_, err = api.CreateRepository(t.Context(), &ecrpublic.CreateRepositoryInput{RepositoryName: name})
	wantCode(t, err, "RepositoryAlreadyExistsException")
	_, err = api.GetRepositoryCatalogData(t.Context(), &ecrpublic.GetRepositoryCatalogDataInput{RepositoryName: name})
	wantCode(t, err, "RepositoryCatalogDataNotFoundException")
	_, err = api.PutRepositoryCatalogData(t.Context(), &ecrpublic.PutRepositoryCatalogDataInput{RepositoryName: name, CatalogData: &publictypes.RepositoryCatalogDataInput{AboutText: ptr("# About"), LogoImageBlob: []byte("png")}})
	must(t, err)
	catalog, err := api.GetRepositoryCatalogData(t.Context(), &ecrpublic.GetRepositoryCatalogDataInput{RepositoryName: name})
	must(t, err)
	if *catalog.CatalogData.AboutText != "# About" || !strings.HasPrefix(*catalog.CatalogData.LogoUrl, "logo:") {
		t.Errorf("catalog %+v", catalog.CatalogData)
	}
	_, err = api.PutRepositoryCatalogData(t.Context(), &ecrpublic.PutRepositoryCatalogDataInput{RepositoryName: name, CatalogData: &publictypes.RepositoryCatalogDataInput{Architectures: []string{"PDP-11"}}})
	wantCode(t, err, "InvalidParameterException")
	_, err = api.PutRegistryCatalogData(t.Context(), &ecrpublic.PutRegistryCatalogDataInput{DisplayName: ptr("Mayfly")})
	must(t, err)
	shown, err := api.GetRegistryCatalogData(t.Context(), &ecrpublic.GetRegistryCatalogDataInput{})
	must(t, err)
	registries, err := api.DescribeRegistries(t.Context(), &ecrpublic.DescribeRegistriesInput{})
	must(t, err)
	if *shown.RegistryCatalogData.DisplayName != "Mayfly" || *registries.Registries[0].Aliases[0].Name != "mayfly" {
		t.Errorf("registry %+v %+v", shown, registries)
	}
	image := newImage(t, 1, 1)
	for _, tag := range []string{"v1", "v2"} {
		must(t, remote.Write(f.ref("public.ecr.aws/mayfly/site:"+tag), image, f.remote()...))
	}
	tags, err := api.DescribeImageTags(t.Context(), &ecrpublic.DescribeImageTagsInput{RepositoryName: name, MaxResults: ptr(int32(1))})
	must(t, err)
	if len(tags.ImageTagDetails) != 1 || *tags.ImageTagDetails[0].ImageTag != "v1" || *tags.ImageTagDetails[0].ImageDetail.ImageDigest != digestOf(t, image) || tags.NextToken == nil {
		t.Errorf("tags %+v", tags)
	}
	described, err := api.DescribeImages(t.Context(), &ecrpublic.DescribeImagesInput{RepositoryName: name})
	must(t, err)
	if len(described.ImageDetails) != 1 || len(described.ImageDetails[0].ImageTags) != 2 {
		t.Errorf("images %+v", described.ImageDetails)
	}
	_, err = api.DeleteRepository(t.Context(), &ecrpublic.DeleteRepositoryInput{RepositoryName: name})
	wantCode(t, err, "RepositoryNotEmptyException")
	_, err = api.BatchDeleteImage(t.Context(), &ecrpublic.BatchDeleteImageInput{RepositoryName: name, ImageIds: []publictypes.ImageIdentifier{{ImageDigest: ptr(digestOf(t, image))}}})
	must(t, err)
	_, err = api.DeleteRepository(t.Context(), &ecrpublic.DeleteRepositoryInput{RepositoryName: name})
	must(t, err)
	all, err := api.DescribeRepositories(t.Context(), &ecrpublic.DescribeRepositoriesInput{})
	must(t, err)
	if len(all.Repositories) != 0 {
		t.Errorf("left: %+v", all.Repositories)
	}
}
