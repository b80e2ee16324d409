package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// openSesame is the code of the class that world.class makes.
const openSesame = "cs101-0000-0000-0000-0000"

// class makes class cs101 of an owner's.
func (w *world) class(owner string, seats int) {
	w.t.Helper()
	code, err := class.ParseCode(openSesame)
	must(w.t, err)
	must(w.t, w.store.AddClass(w.t.Context(), class.Class{
		Name: "cs101", Owner: owner, Size: seats, CreatedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(48 * time.Hour), CodeDigest: code.Digest(),
	}))
}

func as(name, role string) []string { return []string{"Test-Name", name, "Test-Role", role} }

// guest returns a token that somebody without an account made, as a header.
func guest(t *testing.T) []string {
	t.Helper()
	token, err := class.NewToken("cs101", rand.Reader)
	must(t, err)
	return []string{"Authorization", "Bearer " + token.Text()}
}

func (w *world) join(status int, header ...string) events.SeatState {
	w.t.Helper()
	a := w.want(status, "POST", "/v1/seats", `{"code":"`+openSesame+`"}`, header...)
	if status >= 300 {
		return events.SeatState{}
	}
	return into[events.SeatState](w.t, a)
}

func TestAClassFromItsMakingToItsEnd(t *testing.T) {
	w := newWorld(t, asTold)
	ada, bea := as("ada", "owner"), as("bea", "owner")
	made := into[events.ClassState](t, w.want(http.StatusCreated, "POST", "/v1/classes", `{"name":"go1","seats":2,"expiresAt":"2030-01-04T18:00:00Z","budget":"5"}`, ada...))
	code, err := class.ParseCode(made.Code)
	if err != nil || code.Class != "go1" || made.Owner != "ada" || made.Taken != 0 || made.Budget != "5" {
		t.Fatalf("%+v, %v", made, err)
	}
	w.want(http.StatusConflict, "POST", "/v1/classes", `{"name":"go1","seats":2,"expiresAt":"2030-01-04T18:00:00Z"}`, bea...)
	if kept, err := w.store.GetClass(t.Context(), "go1"); err != nil || strings.Contains(fmt.Sprintf("%#v", kept), strings.ReplaceAll(made.Code[4:], "-", "")) {
		t.Errorf("the code is kept: %+v, %v", kept, err)
	}

	seat := into[events.SeatState](t, w.want(http.StatusAccepted, "POST", "/v1/seats", `{"code":"`+strings.ToUpper(made.Code)+`","student":"Bea B."}`, bea...))
	if seat.Owner != "bea" || !seat.Account || seat.Sandbox != "go1-01" || seat.Student != "Bea B." || seat.Phase != "provisioning" {
		t.Errorf("%+v", seat)
	}
	w.provisioned("go1-01")
	box := w.stored("go1-01")
	if !box.ExpiresAt.Equal(made.ExpiresAt) || !box.EndsAt.Equal(made.ExpiresAt) || box.Owner != "bea" {
		t.Errorf("its sandbox: %+v", box)
	}
	again := into[events.SeatState](t, w.want(http.StatusOK, "POST", "/v1/seats", `{"code":"`+made.Code+`"}`, bea...))
	if again.Number != seat.Number || again.Phase != "ready" {
		t.Errorf("again: %+v", again)
	}

	// A new code, and the old one is void; who sits stays.
	renewed := into[events.ClassState](t, w.want(http.StatusOK, "POST", "/v1/classes/go1/code", "", ada...))
	w.want(http.StatusForbidden, "POST", "/v1/seats", `{"code":"`+made.Code+`"}`, as("kim", "owner")...)
	w.want(http.StatusAccepted, "POST", "/v1/seats", `{"code":"`+renewed.Code+`"}`, as("kim", "owner")...)
	w.want(http.StatusConflict, "POST", "/v1/seats", `{"code":"`+renewed.Code+`"}`, as("eve", "owner")...)

	seen := into[events.ClassState](t, w.want(http.StatusOK, "GET", "/v1/classes/go1", "", ada...))
	if len(seen.Students) != 2 || seen.Taken != 2 || seen.Students[0].Phase != "ready" || seen.Students[1].Owner != "kim" || seen.Code != "" {
		t.Errorf("%+v", seen)
	}
	for who, want := range map[string]int{"ada owner": 1, "bea owner": 0, "eve reader": 1, "op admin": 1} {
		name, role, _ := strings.Cut(who, " ")
		if page := into[events.ClassPage](t, w.want(http.StatusOK, "GET", "/v1/classes", "", as(name, role)...)); len(page.Classes) != want {
			t.Errorf("%s sees %+v", who, page)
		}
	}

	// The end: nobody joins any more, all is asked to go, and when it is gone the class is.
	ending := into[events.ClassState](t, w.want(http.StatusAccepted, "DELETE", "/v1/classes/go1", "", ada...))
	if len(ending.Students) != 2 || ending.EndedAt.IsZero() || ending.Students[0].Phase != "deleting" {
		t.Errorf("%+v", ending)
	}
	w.want(http.StatusConflict, "POST", "/v1/seats", `{"code":"`+renewed.Code+`"}`, bea...)
	w.want(http.StatusConflict, "POST", "/v1/classes/go1/code", "", ada...)
	must(t, w.store.Remove(t.Context(), box.Ref()))
	if left := into[events.ClassState](t, w.want(http.StatusAccepted, "DELETE", "/v1/classes/go1", "", ada...)); len(left.Students) != 1 {
		t.Errorf("%+v", left)
	}
	last := w.stored("go1-02")
	must(t, w.store.Remove(t.Context(), last.Ref()))
	w.want(http.StatusNoContent, "DELETE", "/v1/classes/go1", "", ada...)
	w.want(http.StatusNotFound, "DELETE", "/v1/classes/go1", "", ada...)
	log, _, err := w.store.ListAudit(t.Context(), sandbox.AuditFilter{}, sandbox.Page{})
	must(t, err)
	done := map[string]int{}
	for _, entry := range log {
		done[entry.Action]++
	}
	if done["create class"] != 1 || done["join class"] != 2 || done["renew code"] != 1 || done["end class"] != 1 || done["delete"] != 2 {
		t.Errorf("the audit: %v", done)
	}
}

func TestRulesOfClassesAndSeats(t *testing.T) {
	w := newWorld(t, asTold)
	w.class("ada", 30)
	for _, test := range []struct{ path, body, field string }{
		{"/v1/classes", `{"name":"X","seats":0,"expiresAt":"2030-01-01T00:00:00Z","budget":"-5"}`, "name seats expiresAt budget"},
		{"/v1/classes", `{"name":"go1","seats":"many","expiresAt":"2030-01-04T00:00:00Z"}`, "seats"},
		{"/v1/classes", `{"name":"go1","seats":3,"expiresAt":"fri"}`, "expiresAt"},
		{"/v1/classes", `{"name":"go1","seats":3,"expiresAt":"2030-01-04T00:00:00Z","owner":"op"}`, "owner"},
		{"/v1/seats", `{"code":"cs101"}`, "code"},
		{"/v1/seats", `{"code":"` + openSesame + `","student":"a\nb"}`, "student"},
	} {
		p := into[events.Problem](t, w.want(http.StatusBadRequest, "POST", test.path, test.body, as("ada", "owner")...))
		var fields []string
		for _, rule := range p.Errors {
			fields = append(fields, rule.Field)
		}
		if got := strings.Join(fields, " "); got != test.field {
			t.Errorf("%s: %s, want %s", test.body, got, test.field)
		}
	}
	w.want(http.StatusNotFound, "GET", "/v1/classes/x--y", "", as("ada", "owner")...)
}

// TestASeatsTokenGoesAsFarAsItsSandbox: somebody without an account has one
// sandbox by a token, and nothing else.
func TestASeatsTokenGoesAsFarAsItsSandbox(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	w.class("ada", 30)
	me, other := guest(t), guest(t)
	w.want(http.StatusUnauthorized, "GET", "/v1/sandboxes", "", me...) // not before it has joined
	seat := w.join(http.StatusAccepted, me...)
	if seat.Owner != "seat.cs101.01" || seat.Account {
		t.Fatalf("%+v", seat)
	}
	if hers := w.join(http.StatusAccepted, other...); hers.Number != 2 {
		t.Errorf("%+v", hers)
	}
	w.provisioned(seat.Sandbox)
	if same := w.join(http.StatusOK, me...); same.Number != 1 || same.Sandbox != seat.Sandbox {
		t.Errorf("%+v", same)
	}
	for route, request := range everyRoute() {
		method, _, _ := strings.Cut(route, " ")
		if route == "DELETE "+name || route == joinRoute || request.nobodys != http.StatusUnauthorized {
			continue
		}
		if method != "GET" || strings.Contains(route, "class") {
			// Of others, nothing; of its own what an owner may.
			w.want(http.StatusForbidden, method, request.path, request.body, me...)
		}
		_, err := access.Decide(route, access.Identity{Name: seat.Owner, Role: access.Seat})
		allowed := err == nil
		a := w.do(method, strings.Replace(request.path, "hello", seat.Sandbox, 1), request.body, me...)
		if allowed == (a.StatusCode == http.StatusForbidden) {
			t.Errorf("%s: %d", route, a.StatusCode)
		}
	}
	page := into[events.SandboxPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes", "", me...))
	if len(page.Sandboxes) != 1 || page.Sandboxes[0].Name != seat.Sandbox {
		t.Errorf("it sees %+v", page)
	}
	w.want(http.StatusForbidden, "GET", "/v1/sandboxes/hello", "", me...)
	w.want(http.StatusForbidden, "GET", "/v1/sandboxes/cs101-02", "", me...)
	for _, wrong := range []string{me[1] + "00", me[1][:len(me[1])-1] + "g", "Bearer mayfly_seat_cs101_", "Bearer mayfly_seat_other_" + strings.Repeat("0", 64)} {
		w.want(http.StatusUnauthorized, "GET", "/v1/sandboxes", "", "Authorization", wrong)
	}
	w.want(http.StatusBadRequest, "POST", "/v1/seats", `{"code":"`+openSesame+`"}`, "Authorization", "Bearer mayfly_seat_other_"+strings.Repeat("0", 64))

	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/"+seat.Sandbox, "", me...)
	w.join(http.StatusConflict, me...) // it is being deleted
	gone := w.stored(seat.Sandbox)
	must(t, w.store.Remove(t.Context(), gone.Ref()))
	anew := w.join(http.StatusAccepted, me...)
	if anew.Number != 1 || anew.Sandbox != seat.Sandbox || w.stored(seat.Sandbox).ID == gone.ID {
		t.Errorf("after it was deleted: %+v", anew)
	}
	w.clock.move(48 * time.Hour)
	w.want(http.StatusUnauthorized, "GET", "/v1/sandboxes", "", me...)
	w.join(http.StatusConflict, me...)
}

const joinRoute = "POST /v1/seats"

func TestWrongCodesAreCountedAndNeverLogged(t *testing.T) {
	var logged bytes.Buffer
	var mu sync.Mutex
	w := newWorld(t, asTold, func(o *api.Options) {
		o.Logger = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return logged.Write(p) }), &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w.class("ada", 30)
	me := guest(t)
	unheard := into[events.Problem](t, w.want(http.StatusForbidden, "POST", "/v1/seats", `{"code":"cs999-0000-0000-0000-0000"}`, as("eve", "owner")...))
	for i := range class.MaxGuesses {
		p := into[events.Problem](t, w.want(http.StatusForbidden, "POST", "/v1/seats", fmt.Sprintf(`{"code":"cs101-0000-0000-0000-%04d"}`, i+1), me...))
		if p.Title != unheard.Title || p.Detail != unheard.Detail {
			t.Fatalf("it tells a class that is there from one that is not: %+v, %+v", p, unheard)
		}
	}
	a := w.want(http.StatusTooManyRequests, "POST", "/v1/seats", `{"code":"`+openSesame+`"}`, me...)
	if a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After: %s", a.Header.Get("Retry-After"))
	}
	w.clock.move(time.Minute)
	w.join(http.StatusAccepted, me...)
	w.machines.fail = errors.New("the network is down")
	w.join(http.StatusInternalServerError, guest(t)...)
	mu.Lock()
	defer mu.Unlock()
	for _, secret := range []string{openSesame, "0000-0000", strings.TrimPrefix(me[1], "Bearer ")} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("the log has %s:\n%s", secret, logged.String())
		}
	}
	if !strings.Contains(logged.String(), "network is down") {
		t.Error("nothing is logged at all")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestThirtySeatsHold: of forty who join at once thirty get a seat, each one of
// their own with one sandbox, and asking again takes no second one.
func TestThirtySeatsHold(t *testing.T) {
	w := newWorld(t, asTold)
	w.class("ada", 30)
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[int]int{}
	for i := range 40 {
		header := as(fmt.Sprint("student-", i), "owner")
		if i%2 == 0 {
			header = guest(t)
		}
		for range 2 { // an impatient person
			all.Go(func() {
				a := w.do("POST", "/v1/seats", `{"code":"`+openSesame+`"}`, header...)
				mu.Lock()
				defer mu.Unlock()
				answers[a.StatusCode]++
			})
		}
	}
	all.Wait()
	c, err := w.store.GetClass(t.Context(), "cs101")
	must(t, err)
	if len(c.Seats) != 30 || answers[http.StatusConflict] != 20 || answers[http.StatusAccepted] != 60 {
		t.Fatalf("%d seats; %v", len(c.Seats), answers)
	}
	if started := w.machines.started(); len(started) != 30 {
		t.Errorf("%d sandboxes are made", len(started))
	}
	owners := map[string]bool{}
	for _, seat := range c.Seats {
		owners[seat.Owner] = true
		if s := w.stored(seat.Sandbox); s.ID != seat.SandboxID || s.Owner != seat.Owner {
			t.Errorf("seat %+v has %s of %s", seat, s.ID, s.Owner)
		}
	}
	if len(owners) != 30 {
		t.Errorf("%d owners", len(owners))
	}
}

func TestOneOfAClassThatCantGoKeepsNobody(t *testing.T) {
	w := newWorld(t, asTold)
	w.class("ada", 3)
	for i := range 3 {
		w.provisioned(w.join(http.StatusAccepted, as(fmt.Sprint("student-", i), "owner")...).Sandbox)
	}
	w.machines.fail = errors.New("throttled") // the first that is asked to go
	state := into[events.ClassState](t, w.want(http.StatusAccepted, "DELETE", "/v1/classes/cs101", "", as("ada", "owner")...))
	trouble := 0
	for _, seat := range state.Students {
		if seat.Trouble != "" {
			trouble++
		}
		if s := w.stored(seat.Sandbox); s.Phase != sandbox.PhaseDeleting {
			t.Errorf("%s is %s", s.Name, s.Phase)
		}
	}
	if trouble != 1 || len(state.Students) != 3 {
		t.Errorf("%d of %d have trouble", trouble, len(state.Students))
	}
	state = into[events.ClassState](t, w.want(http.StatusAccepted, "DELETE", "/v1/classes/cs101", "", as("ada", "owner")...))
	for _, seat := range state.Students {
		if seat.Trouble != "" {
			t.Errorf("asked again: %+v", seat)
		}
	}
	if started := w.machines.started(); len(started) != 6 {
		t.Errorf("%v", started)
	}
}

// TestANameThatIsTakenAndAFailureAreNoDeadEnd: a seat gets a sandbox although
// somebody has its name, and a new one when the first failed.
func TestANameThatIsTakenAndAFailureAreNoDeadEnd(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("eve", "cs101-01")
	w.class("ada", 2)
	seat := w.join(http.StatusAccepted, as("kim", "owner")...)
	if !strings.HasPrefix(seat.Sandbox, "cs101-01-") || w.stored("cs101-01").Owner != "eve" || w.stored(seat.Sandbox).Owner != "kim" {
		t.Fatalf("%+v", seat)
	}
	first := w.stored(seat.Sandbox)
	_, err := w.store.Update(t.Context(), first.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase, s.Resources = sandbox.PhaseFailed, nil
		return nil, nil
	})
	must(t, err)
	if again := w.join(http.StatusAccepted, as("kim", "owner")...); again.Number != 1 || w.stored(again.Sandbox).ID == first.ID {
		t.Errorf("%+v", again)
	}
	// The class's end leaves eve's alone.
	w.want(http.StatusAccepted, "DELETE", "/v1/classes/cs101", "", as("ada", "owner")...)
	if w.stored("cs101-01").Phase != sandbox.PhaseReady {
		t.Error("somebody else's sandbox is deleted with the class")
	}
}

// endingStore ends the class between a seat and its sandbox.
type endingStore struct {
	class.Store
	remove bool
}

func (s *endingStore) UpdateClass(ctx context.Context, name string, change func(*class.Class) error) (class.Class, error) {
	c, err := s.Store.UpdateClass(ctx, name, change)
	if err != nil {
		return c, err
	}
	ended, err := s.Store.UpdateClass(ctx, name, func(c *class.Class) error { c.EndedAt = c.CreatedAt; return nil })
	if err == nil && s.remove {
		err = s.RemoveClass(ctx, ended)
	}
	return c, err
}

func TestWhoJoinsAClassThatEndsLeavesNothing(t *testing.T) {
	for _, remove := range []bool{false, true} {
		w := newWorld(t, asTold, func(o *api.Options) { o.Classes = &endingStore{o.Classes, remove} })
		w.class("ada", 2)
		w.join(http.StatusConflict, guest(t)...)
		if s := w.stored("cs101-01"); !s.DeleteRequested {
			t.Errorf("removed: %v: the sandbox stays: %+v", remove, s)
		}
	}
}

// TestAJoinIsEndedAfterACrash: a seat without a sandbox, and a sandbox whose
// flow never began, are mended by asking again.
func TestAJoinIsEndedAfterACrash(t *testing.T) {
	w := newWorld(t, asTold)
	w.class("ada", 2)
	kim := as("kim", "owner")
	w.machines.fail = errors.New("killed")
	w.join(http.StatusInternalServerError, kim...)
	seat := w.join(http.StatusAccepted, kim...)
	if started := w.machines.started(); len(started) != 1 || seat.Number != 1 {
		t.Errorf("%+v, %v", seat, started)
	}
	c, err := w.store.UpdateClass(t.Context(), "cs101", func(c *class.Class) error {
		_, err := c.Join(class.Student{Owner: "lea"}, "aaaaaaaaaa", w.clock.Now())
		return err
	})
	must(t, err)
	if got := w.join(http.StatusAccepted, as("lea", "owner")...); got.Number != 2 || w.stored(got.Sandbox).ID != c.Seats[1].SandboxID {
		t.Errorf("%+v", got)
	}
}

// TestABudgetIsEachSeats: a seat without an account has the class's budget, which
// an admin may change, until the class is gone; an account's stays an admin's.
func TestABudgetIsEachSeats(t *testing.T) {
	w := newWorld(t, asTold)
	w.class("ada", 3)
	_, err := w.store.UpdateClass(t.Context(), "cs101", func(c *class.Class) error { c.Budget = "7.50"; return nil })
	must(t, err)
	me := guest(t)
	seat := w.join(http.StatusAccepted, me...)
	w.join(http.StatusAccepted, as("kim", "owner")...)
	if b, err := w.store.GetBudget(t.Context(), seat.Owner); err != nil || b.Limit != 15*cost.Dollar/2 || b.By != "class/cs101" {
		t.Errorf("%+v, %v", b, err)
	}
	if b, err := w.store.GetBudget(t.Context(), "kim"); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("kim's: %+v, %v", b, err)
	}
	// Spent, and the sandbox deleted: no new one until somebody allows it.
	_, err = w.store.UpdateBudget(t.Context(), seat.Owner, func(b *cost.Budget) error { b.Limit = 0; return nil })
	must(t, err)
	gone := w.stored(seat.Sandbox)
	must(t, w.store.Remove(t.Context(), gone.Ref()))
	w.join(http.StatusConflict, me...)
	_, err = w.store.UpdateBudget(t.Context(), seat.Owner, func(b *cost.Budget) error { b.Limit = cost.Dollar; return nil })
	must(t, err)
	w.join(http.StatusAccepted, me...)

	w.want(http.StatusAccepted, "DELETE", "/v1/classes/cs101", "", as("ada", "owner")...)
	for _, name := range []string{"cs101-01", "cs101-02"} {
		s := w.stored(name)
		must(t, w.store.Remove(t.Context(), s.Ref()))
	}
	w.want(http.StatusNoContent, "DELETE", "/v1/classes/cs101", "", as("ada", "owner")...)
	if b, err := w.store.GetBudget(t.Context(), seat.Owner); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("after the class: %+v, %v", b, err)
	}
}
