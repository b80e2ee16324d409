package releasetest_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/inspectcontent"
	"github.com/mayfly-dev/mayfly/functions/resolvedeploy"
	"github.com/mayfly-dev/mayfly/functions/verifyimage"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// TestHostileImagesAndEventsTouchNothing releases every hostile image, and tells
// of pushes by every hostile event: each is refused, and the site stays as it
// is. With -v it says how many there are.
func TestHostileImagesAndEventsTouchNothing(t *testing.T) {
	images, told := hostileImages(t), hostileEvents(t)
	t.Logf("%d hostile images (%d by their entries, %d by their links, %d by a damaged layer, %d by their manifest) and %d hostile events",
		images, len(imagetest.HostileEntries()), len(imagetest.HostileLinks()), len(imagetest.DamagedLayers()), len(imagetest.HostileManifests()), told)
	if images < 100 || told < 20 {
		t.Errorf("%d images and %d events are too few", images, told)
	}
}

// hostileImages releases each over a live site.
func hostileImages(t *testing.T) (count int) {
	refuse := func(name string, put func(*imagetest.Repository) string) {
		count++
		w := newWorld(t)
		w.inspect = inspectcontent.New(w.client, &w.images, w.store, uploads, imagetest.HostileLimits(), func() time.Time { return w.now })
		live := w.push(layer(first()...))
		w.mustRun()
		w.changes()
		before := w.s3.Objects(site)
		id := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: put(&w.images.kept)})
		if err := w.run(t.Context(), nil); awserr.Name(err) != "BadContent" {
			t.Errorf("%s: %v", name, err)
		}
		if r := w.record(id); r.Status != sandbox.ReleaseFailed || r.Failure == nil || r.Failure.Error != "BadContent" || r.Failure.Cause == "" {
			t.Errorf("%s: the release is %s, %+v", name, r.Status, r.Failure)
		}
		if box, changes := w.box(), w.changes(); len(changes) != 0 || box.LiveRelease != live || box.ActiveRelease != "" || box.Phase != sandbox.PhaseReady {
			t.Errorf("%s: changed %q; live is %s, under way %q, phase %s", name, changes, box.LiveRelease, box.ActiveRelease, box.Phase)
		}
		if diff := cmp.Diff(before, w.s3.Objects(site)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, h := range append(imagetest.HostileEntries(), imagetest.HostileLinks()...) {
		refuse(h.Name, h.Put)
	}
	for _, h := range imagetest.DamagedLayers() {
		refuse(h.Name, func(r *imagetest.Repository) string { return r.Put(nil, h.Layer) })
	}
	for _, h := range imagetest.HostileManifests() {
		refuse(h.Name, func(r *imagetest.Repository) string { return h.Put(r).Digest.String() })
	}
	return count
}

// hostileEvents tells of pushes that never were, or are not what they seem.
func hostileEvents(t *testing.T) int {
	const digest = "sha256:3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550"
	clock := &steptest.Clock{Passed: time.Hour}
	of := steptest.New(clock.Now())
	of.Phase, of.Spec = sandbox.PhaseReady, sandbox.Defaults(of.Spec)
	of.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: "docs", Status: sandbox.StatusMade}}
	store, registry := steptest.NewStore(clock.Now, of), steptest.NewECR(clock.Now)
	registry.Push("docs", digest, "v1", steptest.Start)
	resolve, verify := resolvedeploy.New(store, "", clock.Now), verifyimage.New(registry, store, clock.Now)
	verdict := func(name string, detail events.ECRImageDetail) events.Verdict {
		flow := events.DeployFlow{ECRImageEvent: events.ECRImageEvent{Time: steptest.Start, Detail: detail}}
		resolved, err := resolve.Handle(t.Context(), flow)
		if err != nil || resolved.Verdict != events.VerdictDeploy {
			steptest.WantError(t, err, "")
			return resolved.Verdict
		}
		flow.Resolved = &resolved
		verified, err := verify.Handle(t.Context(), flow)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return verified.Verdict
	}
	happened := events.ECRImageDetail{Result: events.ECRSuccess, ActionType: events.ECRPush, RepositoryName: "docs", ImageDigest: digest, ImageTag: "v1"}
	if got := verdict("what happened", happened); got != events.VerdictDeploy {
		t.Fatalf("what happened is %s", got)
	}
	hostile := map[string]func(*events.ECRImageDetail){
		"nothing at all":  func(d *events.ECRImageDetail) { *d = events.ECRImageDetail{} },
		"a DELETE":        func(d *events.ECRImageDetail) { d.ActionType = events.ECRDelete },
		"a pull":          func(d *events.ECRImageDetail) { d.ActionType = "PULL" },
		"no action":       func(d *events.ECRImageDetail) { d.ActionType = "" },
		"a failed push":   func(d *events.ECRImageDetail) { d.Result = events.ECRFailure },
		"no result":       func(d *events.ECRImageDetail) { d.Result = "" },
		"Mayfly's tag":    func(d *events.ECRImageDetail) { d.ImageTag = sandbox.LiveTag },
		"no tag":          func(d *events.ECRImageDetail) { d.ImageTag = "" },
		"a tag of others": func(d *events.ECRImageDetail) { d.ImageTag = "v2" },
	}
	for name, value := range map[string]string{
		"another's": "other", "a folder": "a/docs", "the way out": "../docs", "upper case": "Docs", "a space": "docs ", "a line": "docs\n", "a NUL": "docs\x00",
		"another registry": "public.ecr.aws/x/docs", "an ARN": "arn:aws:ecr:us-east-1:000000000000:repository/docs", "a long name": strings.Repeat("docs", 200), "no name": "",
	} {
		hostile["the repository "+name] = func(d *events.ECRImageDetail) { d.RepositoryName = value }
	}
	for name, value := range map[string]string{
		"forged": strings.Replace(digest, "3", "4", 1), "cut off": digest[:70], "too long": digest + "0", "in upper case": strings.ToUpper(digest), "of SHA-512": "sha512:" + strings.Repeat("0", 128),
		"of MD5": "md5:" + digest[7:], "without algorithm": digest[7:], "a path": "sha256:../../etc/passwd", "a tag": "v1", "none": "", "with a line": digest + "\n",
	} {
		hostile["a digest, "+name] = func(d *events.ECRImageDetail) { d.ImageDigest = value }
	}
	for name, change := range hostile {
		detail := happened
		change(&detail)
		if got := verdict(name, detail); got == events.VerdictDeploy || got == "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	after, err := store.Get(t.Context(), of.Name)
	steptest.WantError(t, err, "")
	if after.ActiveRelease != "" || after.LiveRelease != "" || after.Newest != (sandbox.Mark{}) || len(registry.Repositories["docs"].Images) != 1 || !maps.Equal(after.Resources, of.Resources) {
		t.Errorf("the sandbox is %+v", after)
	}
	return len(hostile)
}
