package sandbox_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// pushed returns an image whose digest begins with a letter, pushed some
// milliseconds after releaseTime.
func pushed(letter string, millis int) events.Image {
	return events.Image{
		Repository: "shop", Digest: "sha256:" + strings.Repeat(letter, 64), Tag: "v" + letter,
		PushedAt: releaseTime.Add(time.Duration(millis) * time.Millisecond),
	}
}

// deploys is a sandbox that pushes come to.
type deploys struct {
	t     *testing.T
	store *releasetest.Store
}

func newDeploys(t *testing.T) *deploys {
	return &deploys{t, releasetest.NewStore(inPhase(sandbox.PhaseReady))}
}

func (d *deploys) begin(push events.Image) (sandbox.Deploy, error) {
	r := sandbox.Release{
		CreatedAt: releaseTime.Add(time.Hour), Status: sandbox.ReleaseRunning,
		Source: events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: push.Digest, Tag: push.Tag}, Deploy: "arn",
	}
	return sandbox.BeginDeploy(d.t.Context(), d.store, releaseRef, push, r)
}

// tell tells of a push that must get a verdict.
func (d *deploys) tell(push events.Image, want events.Verdict) sandbox.Deploy {
	d.t.Helper()
	deploy, err := d.begin(push)
	if err != nil || deploy.Verdict != want || (want == events.VerdictDeploy) == (deploy.Reason != "") {
		d.t.Fatalf("push of %s: %s (%s), %v; want %s", push.Tag, deploy.Verdict, deploy.Reason, err, want)
	}
	return deploy
}

// waits tells of a push that can't begin yet.
func (d *deploys) waits(push events.Image) {
	d.t.Helper()
	deploy, err := d.begin(push)
	var underway *sandbox.ReleaseUnderwayError
	if !errors.As(err, &underway) {
		d.t.Fatalf("push of %s does not wait: %+v, %v", push.Tag, deploy, err)
	}
}

func (d *deploys) end(r sandbox.Release, status sandbox.ReleaseStatus) {
	d.t.Helper()
	r.Status, r.EndedAt = status, r.CreatedAt
	if err := sandbox.EndRelease(d.t.Context(), d.store, releaseRef, r); err != nil {
		d.t.Fatal(err)
	}
}

// live tells of a push that is deployed and goes live.
func (d *deploys) live(push events.Image) {
	d.t.Helper()
	d.end(d.tell(push, events.VerdictDeploy).Release, sandbox.ReleaseLive)
}

// byHand makes a release by hand live, some milliseconds after releaseTime.
func (d *deploys) byHand(kind events.SourceKind, millis int, of events.Image, status sandbox.ReleaseStatus) {
	d.t.Helper()
	r := sandbox.Release{
		ID: fmt.Sprintf("r-hand%08d", millis), CreatedAt: releaseTime.Add(time.Duration(millis) * time.Millisecond),
		Source: events.ReleaseSource{Kind: kind}, Image: of,
	}
	if err := sandbox.BeginRelease(d.t.Context(), d.store, releaseRef, r); err != nil {
		d.t.Fatal(err)
	}
	d.end(r, status)
}

func (d *deploys) wantLive(push events.Image) {
	d.t.Helper()
	box, err := d.store.Get(d.t.Context(), "shop")
	if err != nil || box.LiveImage != push {
		d.t.Fatalf("live is %+v, %v; want %s", box.LiveImage, err, push.Tag)
	}
}

func TestTheNewestPushIsDeployedOnce(t *testing.T) {
	a, b, c := pushed("a", 10), pushed("b", 20), pushed("c", 30)
	for name, test := range map[string]func(*deploys){
		"in order": func(d *deploys) { d.live(a); d.live(b); d.wantLive(b) },
		"told twice": func(d *deploys) {
			d.live(a)
			d.tell(a, events.VerdictDeployed)
			d.live(b)
			d.tell(a, events.VerdictDeployed)
			d.tell(b, events.VerdictDeployed)
			d.wantLive(b)
		},
		"told late": func(d *deploys) { d.live(b); d.tell(a, events.VerdictSuperseded); d.wantLive(b) },
		"told twice while it runs": func(d *deploys) {
			first, again := d.tell(a, events.VerdictDeploy), d.tell(a, events.VerdictDeploy)
			if first.Release.ID != again.Release.ID {
				d.t.Errorf("two releases of one push: %s and %s", first.Release.ID, again.Release.ID)
			}
		},
		"after another that runs": func(d *deploys) {
			first := d.tell(a, events.VerdictDeploy)
			d.waits(b)
			d.waits(b)
			d.end(first.Release, sandbox.ReleaseLive)
			d.live(b)
			d.wantLive(b)
		},
		"the older of two that wait gives way": func(d *deploys) {
			first := d.tell(a, events.VerdictDeploy)
			d.waits(b)
			d.waits(c)
			d.end(first.Release, sandbox.ReleaseLive)
			d.tell(b, events.VerdictSuperseded)
			d.live(c)
			d.wantLive(c)
		},
		"a step that is run again goes on, whatever was pushed since": func(d *deploys) {
			first := d.tell(a, events.VerdictDeploy)
			d.waits(b)
			if again := d.tell(a, events.VerdictDeploy); again.Release.ID != first.Release.ID {
				d.t.Errorf("another release: %s", again.Release.ID)
			}
		},
		"the live image again, under another tag": func(d *deploys) {
			d.live(a)
			again := a
			again.Tag, again.PushedAt = "stable", c.PushedAt
			d.tell(again, events.VerdictLive)
			// It is the newest push all the same: what came between is older.
			d.tell(b, events.VerdictSuperseded)
			d.wantLive(a)
		},
		"an earlier image again": func(d *deploys) {
			d.live(a)
			d.live(b)
			again := a
			again.PushedAt = c.PushedAt
			d.live(again)
			d.wantLive(again)
		},
		"the live image again while another runs": func(d *deploys) {
			d.live(a)
			running := d.tell(b, events.VerdictDeploy)
			again := a
			again.PushedAt = c.PushedAt
			d.waits(again)
			d.end(running.Release, sandbox.ReleaseLive)
			d.live(again)
		},
		"one that failed stays failed, until it is pushed again": func(d *deploys) {
			d.end(d.tell(a, events.VerdictDeploy).Release, sandbox.ReleaseFailed)
			if deploy := d.tell(a, events.VerdictDeployed); !strings.Contains(deploy.Reason, "failed") {
				d.t.Errorf("reason %q", deploy.Reason)
			}
			again := a
			again.PushedAt = b.PushedAt
			d.live(again)
		},
	} {
		t.Run(name, func(t *testing.T) { d := newDeploys(t); d.t = t; test(d) })
	}
}

func TestARollbackIsNotUndone(t *testing.T) {
	a, b := pushed("a", 10), pushed("b", 20)
	for name, test := range map[string]func(*deploys){
		"by an event that comes again": func(d *deploys) { d.tell(b, events.VerdictDeployed); d.tell(a, events.VerdictDeployed) },
		"by an event that comes late": func(d *deploys) {
			if deploy := d.tell(pushed("c", 25), events.VerdictSuperseded); !strings.Contains(deploy.Reason, "before the rollback r-hand00000030") {
				d.t.Errorf("reason %q", deploy.Reason)
			}
		},
		"by a look at the newest image": func(d *deploys) {
			box, err := d.store.Get(d.t.Context(), "shop")
			if err != nil || box.Newer(b) || box.Newer(a) || !box.Newer(pushed("c", 40)) {
				d.t.Errorf("%v: the mark is %s", err, box.Newest)
			}
		},
		"but by a push after it": func(d *deploys) {
			again := b
			again.PushedAt = releaseTime.Add(40 * time.Millisecond)
			d.live(again)
			d.wantLive(again)
		},
		"and the image rolled back to is live": func(d *deploys) {
			again := a
			again.PushedAt = releaseTime.Add(40 * time.Millisecond)
			d.tell(again, events.VerdictLive)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDeploys(t)
			d.live(a)
			d.live(b)
			d.byHand(events.SourceRollback, 30, a, sandbox.ReleaseLive)
			d.wantLive(a)
			test(d)
		})
	}
}

func TestAReleaseByHandHoldsWhatIsOlder(t *testing.T) {
	d := newDeploys(t)
	d.live(pushed("a", 10))
	d.byHand(events.SourceUpload, 30, events.Image{}, sandbox.ReleaseLive)
	d.tell(pushed("b", 20), events.VerdictSuperseded)
	d.live(pushed("c", 40))

	// One that failed holds nothing: what was pushed before it is still to come.
	d.byHand(events.SourceUpload, 60, events.Image{}, sandbox.ReleaseFailed)
	d.live(pushed("d", 50))

	// After an upload no image is live, so that the same one may come again.
	again := pushed("d", 80)
	d.byHand(events.SourceUpload, 70, events.Image{}, sandbox.ReleaseLive)
	d.live(again)
	d.wantLive(again)
}

// TestAWholeSecondTellsNoOrder: AWS's times are whole seconds. What comes later
// within one is deployed later; what was deployed in it is not deployed again.
func TestAWholeSecondTellsNoOrder(t *testing.T) {
	a, b := pushed("a", 0), pushed("b", 0)
	d := newDeploys(t)
	d.live(a)
	d.live(b)
	d.tell(a, events.VerdictDeployed)
	d.byHand(events.SourceRollback, 500, a, sandbox.ReleaseLive)
	d.tell(b, events.VerdictDeployed)
	d.tell(pushed("c", -1), events.VerdictSuperseded)
	d.live(pushed("d", 0))
}

func TestAPushToASandboxThatGoesDeploysNothing(t *testing.T) {
	for name, change := range map[string]func(*sandbox.Sandbox){
		"deleting":      func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseDeleting },
		"to be deleted": func(s *sandbox.Sandbox) { s.DeleteRequested = true },
		"failed":        func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed },
	} {
		box := inPhase(sandbox.PhaseReady)
		change(&box)
		d := &deploys{t, releasetest.NewStore(box)}
		d.tell(pushed("a", 0), events.VerdictDeleting)
		if len(d.store.Events) != 0 {
			t.Errorf("%s: events %+v", name, d.store.Events)
		}
	}
	d := newDeploys(t)
	d.store.Drop()
	if _, err := d.begin(pushed("a", 0)); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("gone: %v", err)
	}
	box := inPhase(sandbox.PhaseProvisioning)
	box.Resources = nil
	d = &deploys{t, releasetest.NewStore(box)}
	var phase *sandbox.PhaseError
	if _, err := d.begin(pushed("a", 0)); !errors.As(err, &phase) {
		t.Errorf("before its bucket is there: %v", err)
	}
}

func TestTheStreamSaysWhatBecomesOfAPush(t *testing.T) {
	d := newDeploys(t)
	d.live(pushed("b", 20))
	d.tell(pushed("b", 20), events.VerdictDeployed)
	d.tell(pushed("a", 10), events.VerdictSuperseded)
	var lines []string
	for _, e := range d.store.Events {
		lines = append(lines, string(e.Type)+": "+e.Message)
	}
	want := []string{
		"^image: image sha256:bbbbbbbbbbbb .vb. was pushed, and is to be deployed$",
		"^release: release r-.{14} begun ", "^release: release r-.{14} is live",
		"^image: image sha256:aaaaaaaaaaaa .va. is not deployed: it was pushed at 2026-11-01T00:00:00.010Z, before sha256:bbbbbbbbbbbb .vb. at 2026-11-01T00:00:00.020Z$",
	}
	if len(lines) != len(want) {
		t.Fatalf("events\n%s", strings.Join(lines, "\n"))
	}
	for i := range want {
		if !regexp.MustCompile(want[i]).MatchString(lines[i]) {
			t.Errorf("%q, want %q", lines[i], want[i])
		}
	}
}

// TestManyTellOfTheSamePushesAtOnce: however many tell of how many pushes, in
// whatever order, the newest one is live at the end, and none twice.
func TestManyTellOfTheSamePushesAtOnce(t *testing.T) {
	d := newDeploys(t)
	images := make([]events.Image, 12)
	for i := range images {
		images[i] = pushed(fmt.Sprintf("%x", i), i+1) // none at a whole second, which tells no order
	}
	var group sync.WaitGroup
	for teller := range 4 {
		for i := range images {
			push := images[(i*7+teller*5)%len(images)]
			group.Go(func() {
				for {
					deploy, err := d.begin(push)
					var underway *sandbox.ReleaseUnderwayError
					if errors.As(err, &underway) {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					if err == nil && deploy.Verdict == events.VerdictDeploy {
						d.end(deploy.Release, sandbox.ReleaseLive)
					}
					return
				}
			})
		}
	}
	group.Wait()
	d.wantLive(images[len(images)-1])
	live := map[string]int{}
	for _, e := range d.store.Events {
		if e.Type == sandbox.EventRelease && strings.Contains(e.Message, "is live") {
			if live[e.Release]++; live[e.Release] > 1 {
				t.Errorf("release %s went live twice", e.Release)
			}
		}
	}
}
