package api

import (
	"net/http"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	// deniedEach is how many denials of one principal are told to the audit in an
	// hour, and deniedAll how many of all: nobody can fill it.
	deniedEach = 20
	deniedAll  = 1000
)

// denials are those that the audit was told of in an hour.
type denials struct {
	mu   sync.Mutex
	hour time.Time
	told map[string]bool
	of   map[string]int
}

// first reports whether the audit is to be told of a denial: the same of a
// principal once an hour, and no more than so many.
func (d *denials) first(principal, what string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if hour := now.Truncate(time.Hour); d.told == nil || !hour.Equal(d.hour) {
		d.hour, d.told, d.of = hour, make(map[string]bool), make(map[string]int)
	}
	key := principal + " " + what
	if d.told[key] || d.of[principal] >= deniedEach || len(d.told) >= deniedAll {
		return false
	}
	d.told[key] = true
	d.of[principal]++
	return true
}

// denied tells the audit that somebody who is known asked for what their role
// does not allow. That it can't be told changes nothing of the answer.
func (a *API) denied(r *http.Request, why *access.DeniedError) {
	ctx, now := r.Context(), a.now()
	who, ok := sandbox.ActorOf(ctx)
	name := r.PathValue("name")
	if sandbox.CheckName(name) != nil {
		name = ""
	}
	if !ok || !a.denials.first(who.Principal, why.Route+" "+name, now) {
		return
	}
	id, err := sandbox.NewAuditID(now, a.Random)
	if err == nil {
		err = a.Store.AddAudit(ctx, sandbox.Audit{
			ID: id, At: now, Action: sandbox.ActionDenied, Sandbox: name, Owner: why.Owner, Resource: why.Route, Actor: who, Error: "AccessDenied",
		})
	}
	if err != nil {
		a.Logger.ErrorContext(ctx, "a denied request is not in the audit", "route", why.Route, "error", err)
	}
}
