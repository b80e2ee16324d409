package releasetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/awaitinvalidation"
	"github.com/mayfly-dev/mayfly/functions/finishrelease"
	"github.com/mayfly-dev/mayfly/functions/inspectcontent"
	"github.com/mayfly-dev/mayfly/functions/invalidate"
	"github.com/mayfly-dev/mayfly/functions/removeobjects"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	site    = "mayfly-shop-abcdefghij"
	uploads = "mayfly-uploads"
)

var spec = events.Spec{Delivery: events.DeliveryCloudFront, IndexDocument: "index.html", ErrorDocument: "404.html"}

// world is a sandbox that is ready, and everything that a release touches.
type world struct {
	t      testing.TB
	client s3Client
	s3     *releasetest.S3 // the client, when it is the one in memory
	store  *releasetest.Store
	cdn    *releasetest.CloudFront
	images images
	now    time.Time
	serial int

	inspect *inspectcontent.Step
	write   *writeobjects.Step
	remove  *removeobjects.Step
	forget  *invalidate.Step
	await   *awaitinvalidation.Step
	finish  *finishrelease.Step
	flow    events.ReleaseFlow

	retries int  // how often a step that fails is tried again
	twice   bool // each step is run twice, as after a lost answer
}

// try runs a step as the machine does.
func try[In, Out any](ctx context.Context, w *world, handle func(context.Context, In) (Out, error), in In) (Out, error) {
	out, err := handle(ctx, in)
	for n := 0; err != nil && n < w.retries; n++ {
		out, err = handle(ctx, in)
	}
	if err == nil && w.twice {
		out, err = handle(ctx, in)
	}
	return out, err
}

// s3Client is what all steps together need of S3.
type s3Client interface {
	inspectcontent.S3
	writeobjects.S3
	removeobjects.S3
	finishrelease.S3
}

// images is the one repository of the world.
type images struct{ kept imagetest.Repository }

func (i *images) Repository(registry, name string) image.Source {
	if registry != "" || name != "shop" {
		return &imagetest.Repository{}
	}
	return &i.kept
}

func newWorld(t testing.TB) *world {
	fake := &releasetest.S3{}
	fake.CreateBucket(site)
	fake.CreateBucket(uploads)
	w := newWorldOn(t, fake)
	w.s3 = fake
	return w
}

// newWorldOn returns a world on an S3 that has both buckets.
func newWorldOn(t testing.TB, client s3Client) *world {
	w := &world{t: t, client: client, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	w.cdn = &releasetest.CloudFront{DistributionID: "EDIST", Now: clock, Takes: 5 * time.Second}
	w.store = releasetest.NewStore(sandbox.Sandbox{
		ID: "abcdefghij", Name: "shop", Owner: "ann", Phase: sandbox.PhaseReady, Spec: spec,
		Resources: map[sandbox.Kind]sandbox.Resource{
			sandbox.KindBucket:       {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: site},
			sandbox.KindVersioning:   {Kind: sandbox.KindVersioning, Status: sandbox.StatusMade},
			sandbox.KindDistribution: {Kind: sandbox.KindDistribution, Status: sandbox.StatusMade, ID: "EDIST"},
		},
	})
	limits := release.DefaultLimits()
	w.inspect = inspectcontent.New(client, &w.images, w.store, uploads, limits, clock)
	w.write = writeobjects.New(client, &w.images, w.store, limits, clock)
	w.remove = removeobjects.New(client, w.store, clock)
	w.forget = invalidate.New(client, w.cdn, w.store, 10*time.Second, clock)
	w.await = awaitinvalidation.New(w.cdn, w.store, 10*time.Second, clock)
	w.finish = finishrelease.New(client, w.store, uploads, clock)
	return w
}

func (w *world) box() sandbox.Sandbox {
	w.t.Helper()
	box, err := w.store.Get(w.t.Context(), "shop")
	if err != nil {
		w.t.Fatal(err)
	}
	return box
}

func (w *world) record(id string) sandbox.Release {
	w.t.Helper()
	r, err := w.store.GetRelease(w.t.Context(), sandbox.Ref{}, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// upload begins a release of an archive.
func (w *world) upload(archive []byte) string {
	id := w.nextID()
	key := release.UploadKey("abcdefghij", id)
	w.put(uploads, key, archive)
	return w.begin(id, events.ReleaseSource{Kind: events.SourceUpload, Bucket: uploads, Key: key})
}

func (w *world) nextID() string {
	w.serial++
	return fmt.Sprintf("r-%07daaaaa", w.serial)
}

func (w *world) begin(id string, source events.ReleaseSource) string {
	w.t.Helper()
	box := w.box()
	r := sandbox.Release{ID: id, Source: source, CreatedAt: w.now}
	if err := sandbox.BeginRelease(w.t.Context(), w.store, box.Ref(), r); err != nil {
		w.t.Fatal(err)
	}
	w.flow = events.ReleaseFlow{Sandbox: box.Event(), Release: events.Release{ID: id, Source: source}}
	return id
}

// run goes the way of the release machine; hook, if any, is called before each
// state and may stand for a crash or a change from outside.
func (w *world) run(ctx context.Context, hook func(state string)) error {
	before := w.flow
	err := w.branch(ctx, hook)
	if err == nil {
		return nil
	}
	before.Error = &events.Failure{Error: awserr.Name(err), Cause: err.Error()}
	if _, failed := try(context.WithoutCancel(ctx), w, w.finish.Handle, events.FinishRelease{Flow: before}); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

func (w *world) branch(ctx context.Context, hook func(string)) error {
	at := func(state string) {
		if hook != nil {
			hook(state)
		}
	}
	at("InspectContent")
	plan, err := try(ctx, w, w.inspect.Handle, w.flow)
	if err != nil {
		return err
	}
	w.flow.Plan = &plan
	if plan.Changed {
		for _, pass := range []events.Pass{events.PassAssets, events.PassPages} {
			for done := false; !done; {
				at("Write " + string(pass))
				out, err := try(ctx, w, w.write.Handle, events.Write{Pass: pass, Flow: w.flow})
				if err != nil {
					return err
				}
				if done = out.Done; pass == events.PassAssets {
					w.flow.Assets = &out
				} else {
					w.flow.Pages = &out
				}
			}
		}
		for done := false; !done; {
			at("RemoveObjects")
			out, err := try(ctx, w, w.remove.Handle, w.flow)
			if err != nil {
				return err
			}
			done, w.flow.Removed = out.Done, &out
		}
		at("Invalidate")
		invalidation, err := try(ctx, w, w.forget.Handle, w.flow)
		for err == nil && !invalidation.Settled {
			w.now = w.now.Add(time.Duration(invalidation.Seconds) * time.Second)
			w.flow.Invalidation = &invalidation
			at("AwaitInvalidation")
			invalidation, err = try(ctx, w, w.await.Handle, w.flow)
		}
		if err != nil {
			return err
		}
		w.flow.Invalidation = &invalidation
	}
	at("Finish")
	_, err = try(ctx, w, w.finish.Handle, events.FinishRelease{Live: true, Flow: w.flow})
	return err
}

func (w *world) mustRun() {
	w.t.Helper()
	if err := w.run(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
}
