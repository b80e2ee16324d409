package updatefunctioncode_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/updatefunctioncode"
	"github.com/mayfly-dev/mayfly/steptest"
)

// images is an ECR with one image, or none when it is empty.
type images struct {
	manifest, media string
	err             error
}

func (i *images) BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error) {
	if i.err != nil || i.manifest == "" {
		return &ecr.BatchGetImageOutput{Failures: []ecrtypes.ImageFailure{{FailureCode: ecrtypes.ImageFailureCodeImageNotFound}}}, i.err
	}
	out := ecrtypes.Image{ImageManifest: &i.manifest}
	if i.media != "" {
		out.ImageManifestMediaType = &i.media
	}
	return &ecr.BatchGetImageOutput{Images: []ecrtypes.Image{out}}, nil
}

const (
	oneManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	dockerList  = "application/vnd.docker.distribution.manifest.list.v2+json"

	several = `{"manifests":[
{"digest":"sha256:arm","platform":{"os":"linux","architecture":"arm64"}},
{"digest":"sha256:amd","platform":{"os":"linux","architecture":"amd64"}},
{"digest":"sha256:win","platform":{"os":"windows","architecture":"amd64"}},
{"digest":"sha256:att","platform":{"os":"unknown","architecture":"unknown"}},
{"digest":"sha256:none"}]}`
)

type world struct {
	lambda *steptest.Lambda
	images *images
	store  *steptest.Store
	step   *updatefunctioncode.Step
	flow   events.RolloutFlow
}

func begun(t *testing.T, target events.LambdaTarget) *world {
	t.Helper()
	w := &world{lambda: steptest.NewLambda("old"), images: &images{manifest: `{"config":{}}`, media: oneManifest}}
	w.store, w.flow = steptest.BeginRollout(t, new(steptest.Clock).Now, events.DeploySpec{Target: events.TargetLambda, Lambda: &target}, func(*events.Rollout) {})
	w.step = updatefunctioncode.New(w.lambda, w.images, w.store, w.store.Ledger())
	return w
}

var docs = events.LambdaTarget{Function: "docs"}

func (w *world) run(t *testing.T, want string) events.LambdaRollout {
	t.Helper()
	made, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, want)
	return made
}

func TestTheCodeIsTheImageByItsDigest(t *testing.T) {
	w := begun(t, docs)
	w.lambda.LoseReply("UpdateFunctionCode")
	w.run(t, "NetworkError")
	for range 2 {
		made := w.run(t, "")
		if w.lambda.Image != steptest.ServiceURI || made.CodeSHA256 != aws.ToString(w.lambda.Config.CodeSha256) || made.Alias != "live" ||
			w.lambda.Count("UpdateFunctionCode") != 1 || *w.store.Rollout(t).Lambda != made {
			t.Errorf("made %+v of %s by %d calls; the record says %+v", made, w.lambda.Image, w.lambda.Count("UpdateFunctionCode"), w.store.Rollout(t).Lambda)
		}
	}
}

func TestAnImageThatLambdaDidNotTakeIsGivenAgain(t *testing.T) {
	w := begun(t, docs)
	w.run(t, "")
	w.lambda.End(types.LastUpdateStatusFailed, "ImageAccessDenied")
	w.run(t, "")
	if n := w.lambda.Count("UpdateFunctionCode"); n != 2 {
		t.Errorf("given %d times", n)
	}
}

func TestOfAnImageForSeveralPlatformsTheFunctionsIsTaken(t *testing.T) {
	const repository = "localhost:4566/docs@"
	for name, c := range map[string]struct {
		architectures   []types.Architecture
		manifest, media string
		want            string
	}{
		"x86":                 {[]types.Architecture{types.ArchitectureX8664}, several, ociIndex, "sha256:amd"},
		"arm":                 {[]types.Architecture{types.ArchitectureArm64}, several, dockerList, "sha256:arm"},
		"the default":         {nil, several, ociIndex, "sha256:amd"},
		"told by itself":      {nil, `{"mediaType":"` + ociIndex + `",` + several[1:], "", "sha256:amd"},
		"one platform alone":  {nil, `{}`, oneManifest, steptest.ServiceImage.Digest},
		"one, told by itself": {nil, `{"mediaType":"` + oneManifest + `"}`, "", steptest.ServiceImage.Digest},
	} {
		w := begun(t, docs)
		w.lambda.Config.Architectures, w.images.manifest, w.images.media = c.architectures, c.manifest, c.media
		w.run(t, "")
		if w.lambda.Image != repository+c.want {
			t.Errorf("%s: the function runs %s", name, w.lambda.Image)
		}
	}
}

func TestAFunctionThatCantTakeTheImageIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		target events.LambdaTarget
		is     func(*world)
		why    string
	}{
		"no function":            {events.LambdaTarget{Function: "other"}, func(*world) {}, "no such function"},
		"a function of archives": {docs, func(w *world) { w.lambda.Config.PackageType = types.PackageTypeZip }, "package type is Zip"},
		"no image":               {docs, func(w *world) { w.images.manifest = "" }, "no longer in the repository docs"},
		"a strange manifest":     {docs, func(w *world) { w.images.manifest, w.images.media = "<html>", ociIndex }, "can't be read"},
		"another platform": {docs, func(w *world) {
			w.images.manifest, w.images.media = `{"manifests":[{"digest":"sha256:arm","platform":{"os":"linux","architecture":"arm64"}}]}`, ociIndex
		}, "runs on linux/amd64, and the image is for linux/arm64 alone"},
	} {
		w := begun(t, c.target)
		c.is(w)
		_, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "TargetRefused")
		if !strings.Contains(err.Error(), c.why) || w.lambda.Count("UpdateFunctionCode") != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for operation, codes := range map[string][]string{
		"GetFunction":        {"TooManyRequestsException", "AccessDeniedException"},
		"UpdateFunctionCode": {"ResourceConflictException", "PreconditionFailedException", "CodeStorageExceededException", "InvalidParameterValueException"},
	} {
		for _, code := range codes {
			w := begun(t, docs)
			w.lambda.Fail(operation, steptest.Refusal(code))
			w.run(t, code)
			w.run(t, "")
		}
	}
	w := begun(t, docs)
	w.images.err = steptest.Refusal("ServerException")
	w.run(t, "ServerException")
	w = begun(t, docs)
	w.lambda.Config.LastUpdateStatus = types.LastUpdateStatusInProgress
	w.run(t, "ResourceConflictException")
	w.flow.Release.Rollout = nil
	w.run(t, "Unclassified")
}
