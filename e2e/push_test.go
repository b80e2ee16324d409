package e2e_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// exampleSite is examples/site with another title.
func exampleSite(t *testing.T, title string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS("../examples/site")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		files[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files["index.html"].Data = append(files["index.html"].Data, "<!-- "+title+" -->"...)
	return files
}

// TestPushAnImageAndItIsLive is the second thing a person does (B1 to B4, B7,
// B8 and T2 of what the product covers): a repository comes with the sandbox,
// ordinary clients log in, push and pull, and what is pushed is live by itself.
func TestPushAnImageAndItIsLive(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	box := c.create(t, events.CreateSandbox{Name: "hello", Owner: "ana"})
	if want := "localhost:" + c.awsURL[strings.LastIndex(c.awsURL, ":")+1:] + "/hello"; box.RepositoryURI != want {
		t.Fatalf("repository %s, want %s", box.RepositoryURI, want)
	}
	first := c.push(t, box.RepositoryURI, "v1", imageOf(t, exampleSite(t, "one")))
	c.becomes(t, box.URL, "<!-- one -->")
	second := c.push(t, box.RepositoryURI, "v2", imageOf(t, exampleSite(t, "two")))
	c.becomes(t, box.URL, "<!-- two -->")
	box = c.await(t, "hello", events.PhaseReady)
	if box.LiveImage.Digest != second || box.LiveImage.Tag != "v2" || box.LiveImage.PushedAt.IsZero() {
		t.Errorf("live is %+v", box.LiveImage)
	}
	c.protects(t, "hello", second)

	c.wouldChange(t, "hello", "previous", "changed index.html")
	var back events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/hello/rollback", nil, &back); err != nil {
		t.Fatal(err)
	}
	if back = c.released(t, "hello", back.ID); back.Status != "live" || back.Image.Digest != first {
		t.Fatalf("rollback: %+v", back)
	}
	c.becomes(t, box.URL, "<!-- one -->")
	c.protects(t, "hello", first)

	// By hand, whatever the tag rules say; and the rules, changed at once.
	if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/hello", events.UpdateSandbox{Deploy: &events.DeploySpec{Tags: []string{"^3"}}}, nil); err != nil {
		t.Fatal(err)
	}
	var byHand events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/hello/releases", events.CreateRelease{Image: "v2"}, &byHand); err != nil {
		t.Fatal(err)
	}
	if byHand = c.released(t, "hello", byHand.ID); byHand.Status != "live" || byHand.Pushed || byHand.Image.Digest != second {
		t.Fatalf("release by hand: %+v", byHand)
	}
	c.push(t, box.RepositoryURI, "v4.0.0", imageOf(t, exampleSite(t, "four")))
	c.tells(t, "hello", "no rule is for the tag v4.0.0")
	c.push(t, box.RepositoryURI, "v3.1.0", imageOf(t, exampleSite(t, "three")))
	c.becomes(t, box.URL, "<!-- three -->")

	// What has no web root is refused with its reason, and the site stays.
	c.push(t, box.RepositoryURI, "v3.2.0", imageOf(t, fstest.MapFS{}))
	c.tells(t, "hello", "BadContent")
	c.becomes(t, box.URL, "<!-- three -->")
	c.await(t, "hello", events.PhaseReady)

	pulled, err := remote.Image(reference(t, box.RepositoryURI, first), c.login(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := pulled.Digest(); err != nil || digest.String() != first {
		t.Errorf("pulled %s, %v; want %s", digest, err, first)
	}
	c.releasesAre(t, "hello", "image v1 live, image v2 live, rollback v1 live, image v2 live, image v3.1.0 live, image v3.2.0 failed")

	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/hello", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.gone(t, "hello")
	c.idle(t)
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// releasesAre fails the test unless these are a sandbox's releases, the oldest
// first: kind, tag and status.
func (c *cloud) releasesAre(t *testing.T, name, want string) {
	t.Helper()
	got, err := c.releases(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("the releases are %s; want %s", got, want)
	}
}

// releasesBecome waits until these are a sandbox's releases.
func (c *cloud) releasesBecome(t *testing.T, name, want string) {
	t.Helper()
	eventually(t, "the releases of "+name+" are "+want, func() (bool, error) {
		got, err := c.releases(context.WithoutCancel(t.Context()), name)
		return got == want, errors.Join(err, errors.New("they are "+got))
	})
}

func (c *cloud) releases(ctx context.Context, name string) (string, error) {
	var page events.ReleasePage
	if err := c.api(ctx, "GET", "/v1/sandboxes/"+name+"/releases", nil, &page); err != nil {
		return "", err
	}
	slices.SortFunc(page.Releases, func(a, b events.ReleaseState) int { return a.CreatedAt.Compare(b.CreatedAt) })
	var got []string
	for _, r := range page.Releases {
		got = append(got, strings.Join([]string{string(r.Kind), r.Image.Tag, string(r.Status)}, " "))
	}
	return strings.Join(got, ", "), nil
}

// protects waits until the image with a digest bears Mayfly's tag.
func (c *cloud) protects(t *testing.T, repository, digest string) {
	t.Helper()
	eventually(t, digest+" protected", func() (bool, error) {
		out, err := c.ecr().DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: &repository})
		if err != nil {
			return false, err
		}
		for _, image := range out.ImageDetails {
			if slices.Contains(image.ImageTags, sandbox.LiveTag) {
				return *image.ImageDigest == digest, nil
			}
		}
		return false, nil
	})
}

// tells waits until a sandbox's stream of events says something.
func (c *cloud) tells(t *testing.T, name, want string) {
	t.Helper()
	eventually(t, name+" tells "+want, func() (bool, error) {
		var page events.EventPage
		err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/sandboxes/"+name+"/events?limit=1000", nil, &page)
		return slices.ContainsFunc(page.Events, func(e events.SandboxEvent) bool { return strings.Contains(e.Message, want) }), err
	})
}

// TestAPushBesideTheProvision: the repository takes pushes before the site is
// there, and the image is live with it.
func TestAPushBesideTheProvision(t *testing.T) {
	c := start(t, func(config *local.Config) { config.Propagation = time.Second })
	if err := c.api(t.Context(), "POST", "/v1/sandboxes", events.CreateSandbox{Name: "early"}, nil); err != nil {
		t.Fatal(err)
	}
	var box events.SandboxState
	eventually(t, "a repository", func() (bool, error) {
		err := c.api(t.Context(), "GET", "/v1/sandboxes/early", nil, &box)
		return box.RepositoryURI != "", err
	})
	c.push(t, box.RepositoryURI, "v1", imageOf(t, exampleSite(t, "early")))
	box = c.await(t, "early", events.PhaseReady)
	c.becomes(t, box.URL, "<!-- early -->")
}

// TestARepositoryIsEncryptedAndScanned (B6, B11): by ECR's own key and on push,
// unless a key was named.
func TestARepositoryIsEncryptedAndScanned(t *testing.T) {
	c := start(t, nil)
	for name, spec := range map[string]events.RepositorySpec{"usual": {}, "keyed": {KMSKey: "alias/images", ImmutableTags: true}} {
		c.create(t, events.CreateSandbox{Name: name, Delivery: events.DeliveryNone, Repository: spec})
		out, err := c.ecr().DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		r := out.Repositories[0]
		encryption, mutability := types.EncryptionTypeAes256, types.ImageTagMutabilityMutable
		if spec.KMSKey != "" {
			encryption, mutability = types.EncryptionTypeKms, types.ImageTagMutabilityImmutableWithExclusion
		}
		if r.EncryptionConfiguration.EncryptionType != encryption || !r.ImageScanningConfiguration.ScanOnPush || r.ImageTagMutability != mutability {
			t.Errorf("%s: %+v, %+v, %s", name, r.EncryptionConfiguration, r.ImageScanningConfiguration, r.ImageTagMutability)
		}
	}
}

// TestARepositoryIsChanged (B5, B11): what AWS changes of a repository changes
// by an update, and the rest is refused.
func TestARepositoryIsChanged(t *testing.T) {
	c := start(t, nil)
	name, yes, no, keep, pushers := "shop", true, false, 2, []string{"arn:aws:iam::000000000000:role/ci"}
	c.create(t, events.CreateSandbox{Name: name, Delivery: events.DeliveryNone})
	for _, change := range []events.RepositoryChange{
		{ImmutableTags: &yes, MutableTags: &[]string{"latest"}, ScanOnPush: &no, KeepImages: &keep, Pushers: &pushers},
		{ImmutableTags: &no, ScanOnPush: &yes, Pushers: &[]string{}},
	} {
		if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/"+name, events.UpdateSandbox{Repository: &change}, nil); err != nil {
			t.Fatal(err)
		}
		c.await(t, name, events.PhaseReady)
		out, err := c.ecr().DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		mutability := types.ImageTagMutabilityMutable
		if *change.ImmutableTags {
			mutability = types.ImageTagMutabilityImmutableWithExclusion
		}
		if r := out.Repositories[0]; r.ImageTagMutability != mutability || r.ImageScanningConfiguration.ScanOnPush != *change.ScanOnPush {
			t.Errorf("%s, scanned %v", r.ImageTagMutability, r.ImageScanningConfiguration.ScanOnPush)
		}
		_, err = c.ecr().GetRepositoryPolicy(t.Context(), &ecr.GetRepositoryPolicyInput{RepositoryName: &name})
		if named := err == nil; named != (len(*change.Pushers) > 0) || err != nil && !awserr.Is(err, "RepositoryPolicyNotFoundException") {
			t.Errorf("policy of %v: %v", *change.Pushers, err)
		}
		lifecycle, err := c.ecr().GetLifecyclePolicy(t.Context(), &ecr.GetLifecyclePolicyInput{RepositoryName: &name})
		if err != nil || !strings.Contains(*lifecycle.LifecyclePolicyText, "Keep the newest 2 images") {
			t.Errorf("lifecycle policy: %+v, %v", lifecycle, err)
		}
	}
	key, public := "alias/mine", events.VisibilityPublic
	for _, change := range []events.RepositoryChange{{KMSKey: &key}, {Visibility: &public}} {
		err := c.api(t.Context(), "PATCH", "/v1/sandboxes/"+name, events.UpdateSandbox{Repository: &change}, nil)
		if s := status(err); s < 400 || s > 499 || !strings.Contains(err.Error(), "AWS does not change") {
			t.Errorf("%+v: %v", change, err)
		}
	}
}

// TestImmutableTagsDeploy: a tag that is there stays, and Mayfly's own moves.
func TestImmutableTagsDeploy(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "fixed", Repository: events.RepositorySpec{ImmutableTags: true}})
	for _, tag := range []string{"v1", "v2"} {
		digest := c.push(t, box.RepositoryURI, tag, imageOf(t, exampleSite(t, tag)))
		c.becomes(t, box.URL, "<!-- "+tag+" -->")
		c.protects(t, "fixed", digest)
	}
	if err := remote.Write(reference(t, box.RepositoryURI, "v1"), imageOf(t, exampleSite(t, "v3")), c.login(t)...); err == nil {
		t.Error("the tag v1 moved")
	}
}

// TestTheDeployedImageNeverExpires (B11): the lifecycle policy keeps the one that is
// deployed, however old it is, and expires what is old beside it.
func TestTheDeployedImageNeverExpires(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "keeper", Repository: events.RepositorySpec{KeepImages: 2}, Deploy: events.DeploySpec{Tags: []string{"deploy"}}})
	live := c.push(t, box.RepositoryURI, "deploy", imageOf(t, exampleSite(t, "kept")))
	c.becomes(t, box.URL, "<!-- kept -->")
	c.protects(t, "keeper", live)
	var others []string
	for _, tag := range []string{"a", "b", "c", "d"} {
		others = append(others, c.push(t, box.RepositoryURI, tag, imageOf(t, fstest.MapFS{"index.html": page(tag)})))
	}
	repository := "keeper"
	if _, err := c.ecr().StartLifecyclePolicyPreview(t.Context(), &ecr.StartLifecyclePolicyPreviewInput{RepositoryName: &repository}); err != nil {
		t.Fatal(err)
	}
	var expire []string
	eventually(t, "a preview", func() (bool, error) {
		out, err := c.ecr().GetLifecyclePolicyPreview(t.Context(), &ecr.GetLifecyclePolicyPreviewInput{RepositoryName: &repository})
		if err != nil {
			return false, err
		}
		expire = nil
		for _, image := range out.PreviewResults {
			expire = append(expire, *image.ImageDigest)
		}
		return out.Status == "COMPLETE", nil
	})
	slices.Sort(expire)
	want := slices.Sorted(slices.Values(others[:2]))
	if !slices.Equal(expire, want) {
		t.Errorf("to expire are %v; want %v, and never %s", expire, want, live)
	}
}
