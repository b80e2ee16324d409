package movealias_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/movealias"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	lambda *steptest.Lambda
	store  *steptest.Store
	step   *movealias.Step
	flow   events.RolloutFlow
}

// begun is release r-1 with version 2 of the function docs, whose alias points
// to another, or is not there.
func begun(t *testing.T, alias *string) *world {
	t.Helper()
	w := &world{lambda: steptest.NewLambda(steptest.ServiceURI)}
	w.lambda.Versions, w.lambda.Alias = []string{"a", "b"}, alias
	to := events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "docs"}}
	w.store, w.flow = steptest.BeginRollout(t, new(steptest.Clock).Now, to, func(r *events.Rollout) { r.Lambda.Version = "2" })
	w.step = movealias.New(w.lambda, w.store, w.store.Ledger())
	return w
}

func (w *world) run(t *testing.T, want string) events.LambdaRollout {
	t.Helper()
	made, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, want)
	return made
}

func (w *world) wantAlias(t *testing.T, version string) {
	t.Helper()
	if got := aws.ToString(w.lambda.Alias); got != version {
		t.Errorf("the alias points to %q, want %q", got, version)
	}
}

func TestTheAliasMovesOnce(t *testing.T) {
	w := begun(t, aws.String("1"))
	w.lambda.LoseReply("UpdateAlias")
	w.run(t, "NetworkError")
	for range 2 {
		if made := w.run(t, ""); made.Before != "1" || made.Version != "2" || w.lambda.Count("UpdateAlias") != 1 || *w.store.Rollout(t).Lambda != made {
			t.Errorf("made %+v by %d calls; the record says %+v", made, w.lambda.Count("UpdateAlias"), w.store.Rollout(t).Lambda)
		}
	}
	w.wantAlias(t, "2")
}

func TestAnAliasThatIsNotThereIsMade(t *testing.T) {
	w := begun(t, nil)
	w.lambda.LoseReply("CreateAlias")
	w.run(t, "NetworkError")
	if made := w.run(t, ""); made.Before != "" || w.lambda.Count("CreateAlias") != 1 {
		t.Errorf("made %+v by %d calls", made, w.lambda.Count("CreateAlias"))
	}
	w.wantAlias(t, "2")
}

func TestWeightsGo(t *testing.T) {
	for _, at := range []string{"1", "2"} {
		w := begun(t, aws.String(at))
		w.lambda.Weights = map[string]float64{"1": 0.5}
		w.run(t, "")
		w.wantAlias(t, "2")
		if len(w.lambda.Weights) != 0 {
			t.Errorf("from version %s: half of the calls go elsewhere: %v", at, w.lambda.Weights)
		}
	}
}

// Somebody else moves the alias between the look and the move: it is looked at
// again.
func TestAnAliasThatSomebodyMovesIsLookedAtAgain(t *testing.T) {
	w := begun(t, aws.String("1"))
	w.lambda.Fail("UpdateAlias", steptest.Refusal("PreconditionFailedException"))
	w.run(t, "PreconditionFailedException")
	w.lambda.Alias = aws.String("3")
	if made := w.run(t, ""); made.Before != "3" {
		t.Errorf("made %+v", made)
	}
	w.wantAlias(t, "2")
	w = begun(t, nil)
	w.lambda.Fail("CreateAlias", steptest.Refusal("ResourceConflictException"))
	w.run(t, "ResourceConflictException")
	w.run(t, "")
	w.wantAlias(t, "2")
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, operation := range []string{"GetAlias", "UpdateAlias"} {
		for _, code := range []string{"TooManyRequestsException", "ServiceException", "AccessDeniedException"} {
			w := begun(t, aws.String("1"))
			w.lambda.Fail(operation, steptest.Refusal(code))
			w.run(t, code)
			w.run(t, "")
		}
	}
	w := begun(t, nil)
	w.flow.Release.Rollout.Lambda.Version = ""
	w.run(t, "Unclassified")
}
