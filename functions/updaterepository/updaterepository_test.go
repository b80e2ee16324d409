package updaterepository_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/updaterepository"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	ci  = "arn:aws:iam::111122223333:role/ci"
	old = `{"Version":"2012-10-17","Statement":[{"Sid":"Push","Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":["ecr:PutImage"]}]}`
)

type world struct {
	of     sandbox.Sandbox
	store  *steptest.Store
	ecr    *steptest.ECR
	public *steptest.ECRPublic
	step   *updaterepository.Step
}

// newWorld holds a sandbox that asks for spec, and its repository in either
// registry as it was made long ago: with who may push.
func newWorld(spec events.RepositorySpec) *world {
	clock := &steptest.Clock{}
	w := &world{of: steptest.New(clock.Now()), ecr: steptest.NewECR(clock.Now), public: steptest.NewECRPublic()}
	w.of.Phase, w.of.Spec.Repository = sandbox.PhaseUpdating, spec
	w.of.Spec = sandbox.Defaults(w.of.Spec)
	w.store = steptest.NewStore(clock.Now, w.of)
	for _, registry := range []*steptest.ECR{w.ecr, &w.public.ECR} {
		registry.Repositories["docs"] = &steptest.Repository{Tags: map[string]string{sandbox.TagSandboxID: w.of.ID}, Policy: old, Lifecycle: "old"}
	}
	w.step = updaterepository.New(w.ecr, w.public, w.store.Ledger(), []string{"arn:aws:iam::000000000000:root"})
	return w
}

func (w *world) run(t *testing.T, want string) {
	t.Helper()
	made := &events.Repository{Name: "docs", URI: "localhost:4566/docs", Public: w.of.Spec.Repository.Visibility == events.VisibilityPublic}
	got, err := w.step.Handle(t.Context(), events.Flow{Sandbox: w.of.Event(), Made: events.Made{Repository: made}})
	steptest.WantError(t, err, want)
	if err == nil && *got != *made {
		t.Errorf("returned %+v, want %+v", got, made)
	}
}

func TestEachSettingBecomesWhatTheSpecAsksFor(t *testing.T) {
	no := false
	w := newWorld(events.RepositorySpec{ImmutableTags: true, MutableTags: []string{"latest"}, ScanOnPush: &no, KeepImages: 5, KeepUntaggedDays: 2, Pushers: []string{ci}})
	there := w.ecr.Repositories["docs"]
	for range 2 { // a second run changes nothing
		w.run(t, "")
		var movable []string
		for _, filter := range there.Created.ImageTagMutabilityExclusionFilters {
			movable = append(movable, *filter.Filter)
		}
		if there.Created.ImageTagMutability != types.ImageTagMutabilityImmutableWithExclusion || !slices.Equal(movable, []string{"mayfly-live", "latest"}) || there.Created.ImageScanningConfiguration.ScanOnPush {
			t.Errorf("mutability %s but %v; scanning %v", there.Created.ImageTagMutability, movable, there.Created.ImageScanningConfiguration)
		}
		if !strings.Contains(there.Policy, ci) || !strings.Contains(there.Policy, "000000000000:root") || !strings.Contains(there.Lifecycle, "Keep the newest 5 images") {
			t.Errorf("policy %s\nlifecycle %s", there.Policy, there.Lifecycle)
		}
	}

	// And back to what is usual: nobody is named any more.
	w.of.Spec.Repository = sandbox.Defaults(events.Spec{}).Repository
	for range 2 {
		w.run(t, "")
		if there.Created.ImageTagMutability != types.ImageTagMutabilityMutable || there.Created.ImageTagMutabilityExclusionFilters != nil || !there.Created.ImageScanningConfiguration.ScanOnPush ||
			there.Policy != "" || !strings.Contains(there.Lifecycle, "Keep the newest 50 images") {
			t.Errorf("not as usual: %+v", there)
		}
	}
}

// TestLambdasOwnStatementStays: without it, a function that has an image of the
// repository could not be started again.
func TestLambdasOwnStatementStays(t *testing.T) {
	const lambdas = `{"Version":"2008-10-17","Statement":[{"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"ecr:BatchGetImage"}]}`
	w := newWorld(events.RepositorySpec{Pushers: []string{ci}})
	there := w.ecr.Repositories["docs"]
	there.Policy = lambdas
	for range 2 {
		w.run(t, "")
		if !strings.Contains(there.Policy, ci) || strings.Count(there.Policy, "lambda.amazonaws.com") != 1 {
			t.Errorf("policy %s", there.Policy)
		}
	}
	w.of.Spec.Repository = sandbox.Defaults(events.Spec{}).Repository
	for range 2 {
		w.run(t, "")
		if strings.Contains(there.Policy, ci) || !strings.Contains(there.Policy, "lambda.amazonaws.com") {
			t.Errorf("policy %s when nobody is named any more", there.Policy)
		}
	}
}

func TestOfAPublicRepositoryWhoPushesIsAllThereIs(t *testing.T) {
	w := newWorld(events.RepositorySpec{Visibility: events.VisibilityPublic, Pushers: []string{ci}})
	w.run(t, "")
	if policy := w.public.Repositories["docs"].Policy; !strings.Contains(policy, "ecr-public:PutImage") || len(w.ecr.Calls()) != 0 {
		t.Errorf("policy %s, and ECR was called for %v", policy, w.ecr.Calls())
	}
	w.of.Spec.Repository.Pushers = nil
	for range 2 {
		w.run(t, "")
		if policy := w.public.Repositories["docs"].Policy; policy != "" {
			t.Errorf("policy %s", policy)
		}
	}
}

func TestALostReplyOrARefusalOfAnyCallIsMadeUpForByTheNextRun(t *testing.T) {
	operations := []string{"DescribeRepositories", "ListTagsForResource", "GetRepositoryPolicy", "SetRepositoryPolicy", "PutImageTagMutability", "PutImageScanningConfiguration", "PutLifecyclePolicy"}
	for _, operation := range operations {
		w := newWorld(events.RepositorySpec{Pullers: []string{"111122223333"}})
		w.ecr.LoseReply(operation)
		w.run(t, "NetworkError")
		w.ecr.Fail(operation, steptest.Refusal("ThrottlingException"))
		w.run(t, "ThrottlingException")
		w.run(t, "")
		if there := w.ecr.Repositories["docs"]; there.Policy == old || there.Lifecycle == "old" || there.Created.ImageScanningConfiguration == nil {
			t.Errorf("%s: %+v", operation, there)
		}
	}
	for _, spec := range []events.RepositorySpec{{}, {Visibility: events.VisibilityPublic}} {
		w := newWorld(spec)
		w.ecr.LoseReply("DeleteRepositoryPolicy")
		w.public.LoseReply("DeleteRepositoryPolicy")
		w.run(t, "NetworkError")
		w.run(t, "")
	}
}

func TestWhatIsNotTheSandboxsIsLeftAlone(t *testing.T) {
	for _, visibility := range []events.Visibility{events.VisibilityPrivate, events.VisibilityPublic} {
		w := newWorld(events.RepositorySpec{Visibility: visibility, Pushers: []string{ci}})
		for _, registry := range []*steptest.ECR{w.ecr, &w.public.ECR} {
			registry.Repositories["docs"].Tags[sandbox.TagSandboxID] = "zzzzzzzzzz"
		}
		w.run(t, "NotOurs")
		if w.ecr.Repositories["docs"].Policy != old || w.public.Repositories["docs"].Policy != old {
			t.Error("another's repository was changed")
		}
		delete(w.ecr.Repositories, "docs")
		delete(w.public.Repositories, "docs")
		w.run(t, "RepositoryNotFoundException")
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(events.RepositorySpec{})
	_, err := w.step.Handle(t.Context(), events.Flow{Sandbox: w.of.Event()})
	steptest.WantError(t, err, "Unclassified")
	steptest.WantError(t, w.store.Ledger().Enter(t.Context(), w.of.Ref(), sandbox.PhaseDeleting, "", nil), "")
	w.run(t, "SandboxDeleting")
	if len(w.ecr.Calls()) != 0 {
		t.Errorf("called %v", w.ecr.Calls())
	}
}
