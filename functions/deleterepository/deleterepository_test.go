package deleterepository_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/deleterepository"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestOnlyTheSandboxsRepositoryIsDeleted(t *testing.T) {
	for _, public := range []bool{false, true} {
		kind := sandbox.KindRepository
		if public {
			kind = sandbox.KindPublicRepository
		}
		for _, tt := range []struct {
			name   string
			alter  func(*steptest.ECR)
			fault  func(*steptest.ECR, *steptest.Store)
			first  string
			second string
			stays  bool
		}{
			{name: "at the first try"},
			{name: "with images in it", alter: func(f *steptest.ECR) { f.Push("docs", "sha256:1", "v1", time.Time{}) }},
			{name: "after the reply was lost", first: "NetworkError", fault: func(f *steptest.ECR, _ *steptest.Store) { f.LoseReply("DeleteRepository") }},
			{name: "after the store's reply was lost", first: "NetworkError", fault: func(_ *steptest.ECR, s *steptest.Store) { s.LoseReply("Update") }},
			{name: "after throttling", first: "ThrottlingException", fault: func(f *steptest.ECR, _ *steptest.Store) {
				f.Fail("DescribeRepositories", steptest.Refusal("ThrottlingException"))
			}},
			{name: "when it is gone already", alter: func(f *steptest.ECR) { delete(f.Repositories, "docs") }},
			{name: "not another sandbox's", first: "NotOurs", second: "NotOurs", stays: true,
				alter: func(f *steptest.ECR) { f.Repositories["docs"].Tags[sandbox.TagSandboxID] = "zzzzzzzzzz" }},
		} {
			t.Run(string(kind)+" "+tt.name, func(t *testing.T) {
				clock := &steptest.Clock{}
				of := steptest.New(clock.Now())
				of.Phase = sandbox.PhaseDeleting
				of.Resources = map[sandbox.Kind]sandbox.Resource{kind: {Kind: kind, ID: "docs", Status: sandbox.StatusMade}}
				private, other := steptest.NewECR(clock.Now), steptest.NewECRPublic()
				registry := private
				if public {
					registry = &other.ECR
				}
				registry.Repositories["docs"] = &steptest.Repository{Tags: map[string]string{sandbox.TagSandboxID: of.ID}}
				store := steptest.NewStore(clock.Now, of)
				if tt.alter != nil {
					tt.alter(registry)
				}
				if tt.fault != nil {
					tt.fault(registry, store)
				}
				flow := events.Flow{Sandbox: of.Event(), Made: of.Made()}
				step := deleterepository.New(private, other, store.Ledger())
				_, err := step.Handle(t.Context(), flow)
				steptest.WantError(t, err, tt.first)
				_, err = step.Handle(t.Context(), flow)
				steptest.WantError(t, err, tt.second)
				if _, there := registry.Repositories["docs"]; there != tt.stays {
					t.Errorf("there: %v", there)
				}
				if tt.stays {
					store.WantLine(t, "docs", kind, sandbox.StatusMade, "docs")
				} else {
					store.WantLine(t, "docs", kind, "", "")
				}
			})
		}
	}
}

func TestASandboxWithoutARepositoryOrThatIsGoneIsNoError(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	step := deleterepository.New(steptest.NewECR(clock.Now), steptest.NewECRPublic(), steptest.NewStore(clock.Now).Ledger())
	for _, made := range []events.Made{{}, {Repository: &events.Repository{Name: "docs"}}} {
		_, err := step.Handle(t.Context(), events.Flow{Sandbox: of.Event(), Made: made})
		steptest.WantError(t, err, "")
	}
}

func TestARepositoryThatGoesWhileItIsLookedAtIsGone(t *testing.T) {
	for _, operation := range []string{"ListTagsForResource", "DeleteRepository"} {
		clock := &steptest.Clock{}
		of := steptest.New(clock.Now())
		of.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: "docs", Status: sandbox.StatusMade}}
		store, registry := steptest.NewStore(clock.Now, of), steptest.NewECR(clock.Now)
		registry.Repositories["docs"] = &steptest.Repository{Tags: map[string]string{sandbox.TagSandboxID: of.ID}}
		registry.Fail(operation, steptest.Refusal("RepositoryNotFoundException"))
		_, err := deleterepository.New(registry, steptest.NewECRPublic(), store.Ledger()).Handle(t.Context(), events.Flow{Sandbox: of.Event(), Made: of.Made()})
		steptest.WantError(t, err, "")
		store.WantLine(t, "docs", sandbox.KindRepository, "", "")
	}
}
