package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestCreateClaimsTheNameAndStartsTheProvision(t *testing.T) {
	w := newWorld(t)
	a := w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello","owner":"ada","ttl":"3d","errorDocument":"404.html"}`)
	if a.Header.Get("Location") != "/v1/sandboxes/hello" {
		t.Errorf("Location %q", a.Header.Get("Location"))
	}
	s := into[events.SandboxState](t, a)
	if s.Name != "hello" || s.Owner != "ada" || s.Phase != events.PhaseProvisioning || s.ExpiresAt.Sub(s.CreatedAt) != 72*time.Hour {
		t.Errorf("%+v", s)
	}
	if want := "arn:aws:states:us-east-1:000000000000:execution:mayfly-provision:provision-" + s.ID; s.Execution != want {
		t.Errorf("execution %s, want %s", s.Execution, want)
	}
	var flow events.Flow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	want := events.Sandbox{ID: s.ID, Name: "hello", Owner: "ada", Spec: sandbox.Defaults(events.Spec{ErrorDocument: "404.html"})}
	if diff := cmp.Diff(want, flow.Sandbox); diff != "" {
		t.Errorf("the flow carries: -want +got\n%s", diff)
	}
}

func TestCreateTakesTheOwnerFromThePrincipal(t *testing.T) {
	w := newWorld(t)
	for header, want := range map[string]string{
		"ada":           "ada",
		"":              "tester",
		"b@x.y":         "b@x.y",
		"Jürgen Müller": access.NameOf("Jürgen Müller"),
	} {
		name := fmt.Sprintf("of-%x", want)[:min(40, 3+2*len(want))]
		s := into[events.SandboxState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"`+name+`"}`, "Mayfly-Principal", header))
		if s.Owner != want {
			t.Errorf("principal %q: owner %q, want %q", header, s.Owner, want)
		}
	}
}

func TestTheSameCreateTwiceIsTheSameSandbox(t *testing.T) {
	w := newWorld(t)
	first := w.create("hello")
	again := into[events.SandboxState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello","indexDocument":"index.html","ttl":"never"}`))
	if again.ID != first.ID || len(w.machines.started()) != 1 {
		t.Errorf("second sandbox %s, executions %v", again.ID, w.machines.started())
	}
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady })
	if ready := into[events.SandboxState](t, w.want(http.StatusOK, "POST", "/v1/sandboxes", `{"name":"hello"}`)); ready.ID != first.ID {
		t.Errorf("another sandbox: %s", ready.ID)
	}
}

func TestANameInUseIsRefusedWithItsOwner(t *testing.T) {
	w := newWorld(t)
	w.create("hello")
	for _, body := range []string{`{"name":"hello","owner":"bob"}`, `{"name":"hello","singlePageApp":true}`} {
		p := into[events.Problem](t, w.want(http.StatusConflict, "POST", "/v1/sandboxes", body))
		if p.Owner != "tester" || p.Type != "urn:mayfly:problem:name-in-use" || !strings.Contains(p.Detail, "tester") {
			t.Errorf("%s: %+v", body, p)
		}
	}
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "")
	if p := into[events.Problem](t, w.want(http.StatusConflict, "POST", "/v1/sandboxes", `{"name":"hello"}`)); !strings.Contains(p.Detail, "being deleted") {
		t.Errorf("%+v", p)
	}
	if n := len(w.machines.started()); n != 1 {
		t.Errorf("executions: %v", w.machines.started())
	}
}

func TestAFailedSandboxThatLeftNothingCanBeMadeAgain(t *testing.T) {
	w := newWorld(t)
	first := w.create("hello")
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed })
	if again := w.create("hello"); again.ID == first.ID {
		t.Error("the failed sandbox was not replaced")
	}
	w.change("hello", func(s *sandbox.Sandbox) {
		s.Phase = sandbox.PhaseFailed
		s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: "left"}}
	})
	if p := into[events.Problem](t, w.want(http.StatusConflict, "POST", "/v1/sandboxes", `{"name":"hello"}`)); !strings.Contains(p.Detail, "delete it first") {
		t.Errorf("%+v", p)
	}
}

func TestACrashBetweenClaimAndStartHeals(t *testing.T) {
	retry := map[string]func(*world){
		"by the same request": func(w *world) { w.create("hello") },
		"by a look at it": func(w *world) {
			w.clock.move(2 * time.Minute)
			w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")
		},
		"by reconciling": func(w *world) { must(w.t, w.api.Reconcile(w.t.Context())) },
	}
	for how, again := range retry {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t)
			s := w.create("hello")
			input := w.machines.lastInput()
			w.machines.forget()
			again(w)
			if want := []string{"provision-" + s.ID}; !slices.Equal(w.machines.started(), want) || w.machines.lastInput() != input {
				t.Errorf("executions %v, want %v with the same input", w.machines.started(), want)
			}
			again(w)
			if len(w.machines.started()) != 1 {
				t.Errorf("started again: %v", w.machines.started())
			}
		})
	}
}

func TestAStartThatFailsCanBeAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.machines.fail = &sfntypes.ExecutionLimitExceeded{}
	a := w.want(http.StatusServiceUnavailable, "POST", "/v1/sandboxes", `{"name":"hello"}`)
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.create("hello")
	w.machines.fail = errors.New("secret inside")
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed })
	if a := w.want(http.StatusInternalServerError, "POST", "/v1/sandboxes", `{"name":"hello"}`); strings.Contains(a.text, "secret") {
		t.Errorf("the inside of an error is shown: %s", a.text)
	}
}

func TestAnIdempotencyKeyIsOneRequestForADay(t *testing.T) {
	w := newWorld(t)
	post := func(status int, body, key, who string) answer {
		return w.want(status, "POST", "/v1/sandboxes", body, "Idempotency-Key", key, "Mayfly-Principal", who)
	}
	first := into[events.SandboxState](t, post(http.StatusAccepted, `{"name":"hello"}`, "k1", "ada"))
	if again := into[events.SandboxState](t, post(http.StatusAccepted, `{"name":"hello"}`, "k1", "ada")); again.ID != first.ID {
		t.Errorf("another sandbox: %s", again.ID)
	}
	if p := into[events.Problem](t, post(http.StatusUnprocessableEntity, `{"name":"other"}`, "k1", "ada")); p.Type != "urn:mayfly:problem:key-reused" {
		t.Errorf("%+v", p)
	}
	post(http.StatusAccepted, `{"name":"other"}`, "k1", "bob") // another person's key
	must(t, w.store.Remove(t.Context(), sandbox.Ref{ID: first.ID, Name: "hello"}))
	if p := into[events.Problem](t, post(http.StatusConflict, `{"name":"hello"}`, "k1", "ada")); p.Type != "urn:mayfly:problem:key-used" {
		t.Errorf("a deleted sandbox came back: %+v", p)
	}
	w.clock.move(25 * time.Hour)
	post(http.StatusAccepted, `{"name":"hello"}`, "k1", "ada")
	post(http.StatusBadRequest, `{"name":"third"}`, strings.Repeat("k", 256), "ada")
}

func TestAKeyWhoseRequestDiedBeforeTheClaimIsUsable(t *testing.T) {
	w := newWorld(t)
	digest := sandbox.SpecDigest("hello", "ada", events.Spec{}, 0)
	_, _, err := w.store.PutKey(t.Context(), sandbox.IdempotencyKey{Key: "ada k", Name: "hello", ID: "aaaaaaaaaa", Digest: digest, Expires: w.clock.Now().Add(time.Hour)})
	must(t, err)
	s := into[events.SandboxState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello"}`, "Idempotency-Key", "k", "Mayfly-Principal", "ada"))
	if s.ID != "aaaaaaaaaa" {
		t.Errorf("id %s is not the key's", s.ID)
	}
}

// TestAnAliasIsStartedAndTheExecutionIsTheMachines holds that a request starts
// the version which is in use, and that what runs is found without the alias:
// Step Functions leaves it out of an execution's ARN.
func TestAnAliasIsStartedAndTheExecutionIsTheMachines(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.Machines.Alias = "live" })
	w.machines.alias = "live"
	s := w.create("hello")
	if want := "arn:aws:states:us-east-1:000000000000:execution:mayfly-provision:provision-" + s.ID; s.Execution != want || w.machines.order[0] != want {
		t.Errorf("execution %s, started %v", s.Execution, w.machines.order)
	}
	if again := w.create("hello"); again.ID != s.ID || len(w.machines.order) != 1 {
		t.Errorf("the same create made %s beside %s, in executions %v", again.ID, s.ID, w.machines.order)
	}
}
