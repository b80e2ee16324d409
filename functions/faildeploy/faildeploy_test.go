package faildeploy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/faildeploy"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func world(t *testing.T, of sandbox.Sandbox, releases ...sandbox.Release) (*steptest.Store, func(repository string) error) {
	t.Helper()
	clock := &steptest.Clock{Passed: time.Hour}
	store := steptest.NewStore(clock.Now, of)
	for _, r := range releases {
		steptest.WantError(t, store.PutRelease(t.Context(), of.Ref(), r), "")
	}
	return store, func(repository string) error {
		in := events.FailDeploy{Execution: "mine"}
		in.Flow.Detail = events.ECRImageDetail{RepositoryName: repository, ImageDigest: "sha256:3b0c44298fc1c149", ImageTag: "v1"}
		in.Flow.Error = &events.Failure{Error: "AccessDenied", Cause: `{"errorMessage":"no right to it","errorType":"AccessDenied"}`}
		_, err := faildeploy.New(store, "", clock.Now).Handle(t.Context(), in)
		return err
	}
}

func TestADeploysOwnReleaseIsEnded(t *testing.T) {
	of := steptest.New(steptest.Start)
	of.Phase, of.ActiveRelease = sandbox.PhaseUpdating, "r-2"
	store, fail := world(t, of,
		sandbox.Release{ID: "r-1", Status: sandbox.ReleaseRunning, Deploy: "another's"},
		sandbox.Release{ID: "r-2", Status: sandbox.ReleaseRunning, Deploy: "mine"})
	for range 2 {
		steptest.WantError(t, fail("docs"), "")
	}
	record, err := store.Get(t.Context(), "docs")
	if err != nil || record.ActiveRelease != "" || record.Phase != sandbox.PhaseReady || len(store.Log()) != 1 {
		t.Errorf("%v: %+v, %+v", err, record, store.Log())
	}
	r, err := store.GetRelease(t.Context(), of.Ref(), "r-2")
	if err != nil || r.Status != sandbox.ReleaseFailed || r.Failure.Cause != "no right to it" || r.EndedAt != steptest.Start.Add(time.Hour) {
		t.Errorf("%v: %+v", err, r)
	}
	if other, err := store.GetRelease(t.Context(), of.Ref(), "r-1"); err != nil || other.Status != sandbox.ReleaseRunning {
		t.Errorf("another's release: %+v, %v", other, err)
	}
}

func TestWhatItsMachineHasEndedStays(t *testing.T) {
	of := steptest.New(steptest.Start)
	ended := sandbox.Release{ID: "r-2", Status: sandbox.ReleaseFailed, Deploy: "mine", Failure: &events.Failure{Error: "BadContent"}}
	store, fail := world(t, of, ended)
	steptest.WantError(t, fail("docs"), "")
	if r, err := store.GetRelease(t.Context(), of.Ref(), "r-2"); err != nil || r.Failure.Error != "BadContent" || len(store.Log()) != 0 {
		t.Errorf("%v: %+v, %+v", err, r, store.Log())
	}
}

func TestADeployThatNeverBeganIsNoted(t *testing.T) {
	store, fail := world(t, steptest.New(steptest.Start))
	steptest.WantError(t, fail("docs"), "")
	if log := store.Log(); len(log) != 1 || !strings.Contains(log[0].Message, "sha256:3b0c44298fc1 (v1) could not be deployed (AccessDenied)") || log[0].Failure.Cause != "no right to it" {
		t.Errorf("noted %+v", log)
	}
	for _, repository := range []string{"no/sandbox's", "gone"} {
		steptest.WantError(t, fail(repository), "")
	}
	for _, operation := range []string{"Get", "ListReleases", "Update"} {
		store.Fail(operation, steptest.Refusal("ThrottlingException"))
		steptest.WantError(t, fail("docs"), "ThrottlingException")
	}
}
