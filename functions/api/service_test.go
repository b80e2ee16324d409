package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// withService makes a sandbox that is ready, whose releases go to a service,
// and whose repository has two images.
func withService(t *testing.T, name, deploy string) *world {
	t.Helper()
	targets, err := sandbox.ParseTargets("ecs:staging/*,ecs:production/*,lambda:shop")
	must(t, err)
	w := newWorld(t, func(o *api.Options) { o.Targets = targets })
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"`+name+`","deploy":`+deploy+`}`)
	w.change(name, func(s *sandbox.Sandbox) {
		s.Phase = sandbox.PhaseReady
		s.Resources = map[sandbox.Kind]sandbox.Resource{
			sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: name, URI: "localhost:4566/" + name, Status: sandbox.StatusMade},
		}
	})
	w.images.Push(name, one, "v1", w.clock.Now())
	w.images.Push(name, two, "v2", w.clock.Now())
	return w
}

const (
	toStaging    = `{"target":"ecs","ecs":{"cluster":"staging","service":"shop"}}`
	toProduction = `{"target":"ecs","ecs":{"cluster":"production","service":"shop"}}`
)

func TestASandboxOfAServiceIsChecked(t *testing.T) {
	w := withService(t, "shop", toStaging)
	s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/shop", ""))
	if s.Spec.Delivery != events.DeliveryNone || s.Spec.Deploy.Destination() != "ecs:staging/shop" || !s.AcceptsReleases {
		t.Errorf("%+v", s)
	}
	for deploy, field := range map[string]string{
		`{"target":"ecs"}`: "deploy.ecs",
		`{"target":"ecs","ecs":{"cluster":"staging","service":"no/such"}}`:                                             "deploy.ecs.service",
		`{"target":"ecs","ecs":{"cluster":"elsewhere","service":"shop"}}`:                                              "deploy.ecs",
		`{"target":"eks","eks":{"cluster":"apps","deployment":"shop"}}`:                                                "deploy.eks",
		`{"target":"lambda","lambda":{"function":"other"}}`:                                                            "deploy.lambda",
		`{"target":"lambda","lambda":{"function":"shop"},"ecs":{"cluster":"staging","service":"shop"}}`:                "deploy.ecs",
		`{"target":"lambda","lambda":{"function":"shop","alias":"7"}}`:                                                 "deploy.lambda.alias",
		`{"target":"ecs","ecs":{"cluster":"arn:aws:ecs:us-east-1:111122223333:cluster/staging","service":"shop"}}`:     "deploy.ecs.cluster",
		`{"target":"ecs","ecs":{"cluster":"staging","service":"shop","container":"` + strings.Repeat("c", 256) + `"}}`: "deploy.ecs.container",
	} {
		for method, path := range map[string]string{"POST": "/v1/sandboxes", "PATCH": "/v1/sandboxes/shop"} {
			body := `{"deploy":` + deploy + `}`
			if method == "POST" {
				body = `{"name":"other","deploy":` + deploy + `}`
			}
			problem := into[events.Problem](t, w.want(http.StatusBadRequest, method, path, body))
			if len(problem.Errors) == 0 || problem.Errors[0].Field != field {
				t.Errorf("%s %s: %+v", method, deploy, problem)
			}
		}
	}
	w.want(http.StatusBadRequest, "POST", "/v1/sandboxes", `{"name":"other","delivery":"cloudfront","deploy":`+toStaging+`}`)
}

func TestWithoutNamedTargetsNoServiceIsDeployedTo(t *testing.T) {
	w := newWorld(t)
	problem := into[events.Problem](t, w.want(http.StatusBadRequest, "POST", "/v1/sandboxes", `{"name":"shop","deploy":`+toStaging+`}`))
	if len(problem.Errors) != 1 || problem.Errors[0].Field != "deploy.ecs" || !strings.Contains(problem.Errors[0].Rule, "docs/deploy.md") {
		t.Errorf("%+v", problem)
	}
}

func TestReleasesOfAServiceAreImagesAndGoByTheRolloutMachine(t *testing.T) {
	w := withService(t, "shop", toStaging)
	upload := into[events.Problem](t, w.want(http.StatusConflict, "POST", "/v1/sandboxes/shop/uploads", `{"size":10,"format":"tar.gz"}`))
	if !strings.Contains(upload.Detail, "ecs:staging/shop") {
		t.Errorf("an upload is refused with %s", upload.Detail)
	}
	release := func(image string) events.ReleaseState {
		t.Helper()
		return into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/shop/releases", `{"image":"`+image+`"}`))
	}
	// made lets the rollout machine end a release as live, with a task definition.
	made := func(id, definition string) {
		t.Helper()
		box, err := w.store.Get(t.Context(), "shop")
		must(t, err)
		r, err := w.store.GetRelease(t.Context(), box.Ref(), id)
		must(t, err)
		to := *r.Rollout
		to.ECS = &events.ECSRollout{ECSTarget: to.ECS.ECSTarget, TaskDefinition: definition, Before: "before"}
		r.Rollout, r.Status, r.EndedAt = &to, sandbox.ReleaseLive, w.clock.Now()
		must(t, sandbox.EndRelease(t.Context(), w.store, box.Ref(), r))
		w.clock.move(time.Second)
	}
	first := release("v1")
	if want := ":execution:mayfly-rollout:rollout-" + first.ID; !strings.HasSuffix(first.Execution, want) || first.Rollout == nil || first.Rollout.ECS.Cluster != "staging" {
		t.Errorf("%+v", first)
	}
	var flow events.RolloutFlow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	if flow.Release.Rollout == nil || flow.Release.Rollout.Target != events.TargetECS || flow.Release.Image.Digest != one {
		t.Errorf("started with %s", w.machines.lastInput())
	}
	made(first.ID, "arn:6")
	second := release("v2")
	made(second.ID, "arn:7")

	back := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/shop/rollback", `{}`))
	if back.Of != first.ID || back.Image.Digest != one || back.Rollout.ECS.TaskDefinition != "arn:6" || back.Rollout.ECS.Before != "" {
		t.Errorf("rolled back by %+v, %+v", back, back.Rollout.ECS)
	}
	made(back.ID, "arn:6")

	// What went elsewhere is not brought back here.
	w.want(http.StatusOK, "PATCH", "/v1/sandboxes/shop", `{"deploy":`+toProduction+`}`)
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/shop/rollback", `{}`)
	problem := into[events.Problem](t, w.want(http.StatusBadRequest, "POST", "/v1/sandboxes/shop/rollback", `{"to":"`+first.ID+`"}`))
	if problem.Errors[0].Field != "to" || !strings.Contains(problem.Detail, "ecs:production/shop") || !strings.Contains(problem.Detail, "ecs:staging/shop") {
		t.Errorf("%+v", problem)
	}
}

func TestTagRulesChangeWithoutTheTarget(t *testing.T) {
	w := withService(t, "shop", toStaging)
	s := into[events.SandboxState](t, w.want(http.StatusOK, "PATCH", "/v1/sandboxes/shop", `{"deploy":{"tags":["v*"]}}`))
	if s.Spec.Deploy.Destination() != "ecs:staging/shop" || len(s.Spec.Deploy.Tags) != 1 {
		t.Errorf("%+v", s.Spec.Deploy)
	}
}
