package publishversion_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/publishversion"
	"github.com/mayfly-dev/mayfly/steptest"
)

func begun(t *testing.T) (*steptest.Lambda, *steptest.Store, *publishversion.Step, events.RolloutFlow) {
	t.Helper()
	f := steptest.NewLambda(steptest.ServiceURI)
	to := events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "docs"}}
	store, flow := steptest.BeginRollout(t, new(steptest.Clock).Now, to, func(r *events.Rollout) { r.Lambda.CodeSHA256 = aws.ToString(f.Config.CodeSha256) })
	return f, store, publishversion.New(f, store, store.Ledger()), flow
}

func TestAVersionIsPublishedOnce(t *testing.T) {
	f, store, step, flow := begun(t)
	f.LoseReply("PublishVersion")
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "NetworkError")
	for range 2 {
		made, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
		if made.Version != "1" || len(f.Versions) != 1 || *store.Rollout(t).Lambda != made {
			t.Errorf("made %+v of %v; the record says %+v", made, f.Versions, store.Rollout(t).Lambda)
		}
	}
}

func TestAVersionIsOfTheReleasesCode(t *testing.T) {
	f, _, step, flow := begun(t)
	f.Config.CodeSha256 = aws.String("of somebody else")
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "InvalidParameterValueException")
	if len(f.Versions) != 0 || !strings.Contains(err.Error(), "different from current CodeSHA256") {
		t.Errorf("%v: versions %v", err, f.Versions)
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	f, _, step, flow := begun(t)
	f.Config.LastUpdateStatus = types.LastUpdateStatusInProgress
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "ResourceConflictException")
	f.Config.LastUpdateStatus = types.LastUpdateStatusSuccessful
	for _, code := range []string{"TooManyRequestsException", "ServiceException", "CodeStorageExceededException", "AccessDeniedException"} {
		f.Fail("PublishVersion", steptest.Refusal(code))
		_, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, code)
	}
	flow.Release.Rollout.Lambda.CodeSHA256 = ""
	_, err = step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "Unclassified")
}
