package protectimage_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/protectimage"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const one, two = "sha256:1111111111111111", "sha256:2222222222222222"

type world struct {
	of    sandbox.Sandbox
	clock *steptest.Clock
	store *steptest.Store
	ecr   *steptest.ECR
}

func newWorld(live string) *world {
	w := &world{clock: &steptest.Clock{}}
	w.of = steptest.New(w.clock.Now())
	w.of.LiveImage = events.Image{Repository: "docs", Digest: live}
	w.store, w.ecr = steptest.NewStore(w.clock.Now, w.of), steptest.NewECR(w.clock.Now)
	w.ecr.Push("docs", one, "v1", steptest.Start)
	w.ecr.Push("docs", two, "v2", steptest.Start)
	return w
}

func (w *world) run(t *testing.T, client protectimage.Client, want string) {
	t.Helper()
	_, err := protectimage.New(client, w.store, w.clock.Now).Handle(t.Context(), events.ReleaseFlow{Sandbox: w.of.Event()})
	steptest.WantError(t, err, want)
}

func (w *world) wantProtected(t *testing.T, digest string) {
	t.Helper()
	if got := w.ecr.Repositories["docs"].Tagged(sandbox.LiveTag); got != digest {
		t.Errorf("protected is %q, want %q", got, digest)
	}
}

func TestTheLiveImageIsTagged(t *testing.T) {
	w := newWorld(one)
	for range 2 {
		w.run(t, w.ecr, "")
		w.wantProtected(t, one)
	}
	w.ecr.LoseReply("PutImage")
	w.live(t, two)
	w.run(t, w.ecr, "NetworkError")
	w.run(t, w.ecr, "")
	w.wantProtected(t, two)

	// In a repository whose tags do not move, this one does; but for somebody
	// who has made it otherwise since.
	w.ecr.Repositories["docs"].Created.ImageTagMutability = types.ImageTagMutabilityImmutableWithExclusion
	w.ecr.Repositories["docs"].Created.ImageTagMutabilityExclusionFilters = []types.ImageTagMutabilityExclusionFilter{{Filter: aws.String(sandbox.LiveTag)}}
	w.live(t, one)
	w.run(t, w.ecr, "")
	w.wantProtected(t, one)
	w.ecr.Repositories["docs"].Created.ImageTagMutabilityExclusionFilters = nil
	w.live(t, two)
	w.run(t, w.ecr, "ImageTagAlreadyExistsException")
}

func (w *world) live(t *testing.T, digest string) {
	t.Helper()
	_, err := w.store.Update(t.Context(), w.of.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.LiveImage.Digest = digest
		return nil, nil
	})
	steptest.WantError(t, err, "")
}

// slow is an ECR whose tags take so long that another release goes live
// meanwhile, and is protected.
type slow struct {
	*steptest.ECR
	meanwhile func()
}

func (s *slow) PutImage(ctx context.Context, in *ecr.PutImageInput, options ...func(*ecr.Options)) (*ecr.PutImageOutput, error) {
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return s.ECR.PutImage(ctx, in, options...)
}

func TestALateTagDoesNotTakeTheProtectionFromWhatIsLive(t *testing.T) {
	w := newWorld(one)
	w.run(t, &slow{w.ecr, func() { w.live(t, two); w.run(t, w.ecr, "") }}, "")
	w.wantProtected(t, two)
}

func TestThereMayBeNothingToProtect(t *testing.T) {
	w := newWorld("")
	w.run(t, w.ecr, "")
	if len(w.ecr.Calls()) != 0 {
		t.Errorf("called %v", w.ecr.Calls())
	}
	gone := newWorld("sha256:3333333333333333")
	gone.run(t, gone.ecr, "")
	if log := gone.store.Log(); len(log) != 1 || !strings.Contains(log[0].Message, "no longer in its repository") {
		t.Errorf("noted %+v", log)
	}
	delete(gone.ecr.Repositories, "docs")
	gone.run(t, gone.ecr, "")
	steptest.WantError(t, gone.store.Remove(t.Context(), gone.of.Ref()), "")
	gone.run(t, gone.ecr, "")
	w = newWorld(one)
	w.of.ID = "gone2gone2" // it has a successor
	w.run(t, w.ecr, "")
	w.wantProtected(t, "")
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, operation := range []string{"BatchGetImage", "PutImage"} {
		w := newWorld(one)
		w.ecr.Fail(operation, steptest.Refusal("ServerException"))
		w.run(t, w.ecr, "ServerException")
	}
	w := newWorld(one)
	w.store.Fail("Get", steptest.Refusal("ThrottlingException"))
	w.run(t, w.ecr, "ThrottlingException")
}
