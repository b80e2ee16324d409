package access

import (
	"fmt"
	"strings"
)

// Scope is how far a role goes on a route.
type Scope int

// The scopes.
const (
	// Nothing refuses.
	Nothing Scope = iota
	// Own is what has the caller's name as its owner.
	Own
	// Everything is everybody's.
	Everything
)

// Rule says how far each role goes on a route.
type Rule struct {
	Admin, Owner, Reader Scope
	// Public routes tell nothing of anybody, and ask nobody who they are.
	Public bool
}

// Routes returns the rule of each route, by its method and its path in
// docs/openapi.yaml. What has no rule here is refused to everybody.
func Routes() map[string]Rule {
	const one = "/v1/sandboxes/{name}"
	public := Rule{Admin: Everything, Owner: Everything, Reader: Everything, Public: true}
	read := Rule{Admin: Everything, Owner: Own, Reader: Everything}
	everybody := Rule{Admin: Everything, Owner: Everything, Reader: Everything}
	change := Rule{Admin: Everything, Owner: Own}
	admin := Rule{Admin: Everything}
	return map[string]Rule{
		"GET /v1/health":    public,
		"GET /openapi.yaml": public,

		"GET /v1/classes":               read,
		"POST /v1/classes":              change,
		"GET /v1/classes/{class}":       read,
		"PATCH /v1/classes/{class}":     change,
		"DELETE /v1/classes/{class}":    change,
		"POST /v1/classes/{class}/code": change,
		"POST /v1/seats":                change,

		// They are of the whole account.
		"GET /v1/orphans":  {Admin: Everything, Reader: Everything},
		"POST /v1/orphans": admin,

		"GET /v1/audit":              read,
		"GET /v1/costs":              read,
		"POST /v1/costs":             change,
		"GET /v1/quotas":             read,
		"GET /v1/budgets":            read,
		"PUT /v1/budgets/{owner}":    admin,
		"DELETE /v1/budgets/{owner}": admin,
		"GET /v1/sandboxes":          read,
		"POST /v1/sandboxes":         change,

		// Of what is other people's, nights tell an owner nothing.
		"GET /v1/nights":                   read,
		"GET /v1/nights/tonight":           read,
		"GET /v1/nights/{night}":           read,
		"GET /v1/nights/{night}/decisions": read,
		"POST /v1/nights":                  {Admin: Everything},

		"GET " + one:                                 read,
		"GET " + one + "/events":                     read,
		"GET " + one + "/releases":                   read,
		"GET " + one + "/releases/{release}":         read,
		"GET " + one + "/releases/{release}/changes": read,
		"GET " + one + "/objects/{key}/versions":     read,
		"GET " + one + "/stats":                      read,

		"GET " + one + "/objects": read,
		"GET " + one + "/images":  read,

		"GET /v1/whoami":             read, // of oneself
		"GET /v1/machines":           everybody,
		"GET /v1/machines/{machine}": everybody,
		// Whose an execution is, is not known before it is looked at.
		"GET /v1/machines/{machine}/executions":            {Admin: Everything, Reader: Everything},
		"GET /v1/executions/{machine}/{execution}":         read,
		"GET /v1/executions/{machine}/{execution}/history": read,

		"PATCH " + one:              change,
		"DELETE " + one:             change,
		"POST " + one + "/uploads":  change,
		"POST " + one + "/releases": change,
		"POST " + one + "/rollback": change,
		"POST " + one + "/restore":  change,
		"POST " + one + "/extend":   change,
		"POST " + one + "/pin":      change,
		"POST " + one + "/unpin":    change,
		"POST " + one + "/sleep":    change,
		"POST " + one + "/wake":     change,
	}
}

// scope returns how far a role goes by r.
func (r Rule) scope(role Role) Scope {
	switch role {
	case Admin:
		return r.Admin
	case Owner:
		return r.Owner
	case Reader:
		return r.Reader
	}
	return Nothing
}

// Decide returns how far who goes on a route, or a *DeniedError.
func Decide(route string, who Identity) (Grant, error) {
	rule := Routes()[route]
	grant := Grant{Identity: who, Route: route, Scope: rule.scope(who.Role)}
	if who.Role == Seat {
		grant.Scope = seatScope(route)
	}
	if grant.Scope == Nothing || grant.Scope == Own && who.Name == "" {
		grant.Scope = Nothing
		return grant, &DeniedError{Role: who.Role, Route: route, Could: rule.could()}
	}
	return grant, nil
}

// could says who goes anywhere on a route.
func (r Rule) could() string {
	var who []string
	for _, role := range Roles() {
		switch r.scope(role) {
		case Everything:
			who = append(who, "an "+string(role))
		case Own:
			who = append(who, "the owner")
		case Nothing:
		}
	}
	if len(who) == 0 {
		return "nobody"
	}
	return strings.ReplaceAll(strings.Join(who, " or "), "an reader", "a reader")
}

// Grant is how far a caller goes on a route. The zero value allows nothing.
type Grant struct {
	Identity
	Route string
	Scope Scope
}

// Owners returns the only owner whose sandboxes the caller may see there; ""
// for everybody's.
func (g Grant) Owners() string {
	if g.Scope == Everything {
		return ""
	}
	return g.Name
}

// Check returns a *DeniedError unless the grant covers what has an owner.
func (g Grant) Check(owner string) error {
	if g.Scope == Everything || g.Scope == Own && g.Name != "" && g.Name == owner {
		return nil
	}
	return &DeniedError{Role: g.Role, Route: g.Route, Could: Routes()[g.Route].could(), NotYours: true, Owner: owner}
}

// DeniedError says that a role does not go so far.
type DeniedError struct {
	Role  Role
	Route string
	// Could says who could.
	Could string
	// NotYours says that the route is open to the role, but for the caller's own
	// sandboxes alone.
	NotYours bool
	// Owner is then whose it is, which is not told.
	Owner string
}

func (e *DeniedError) Error() string {
	if e.NotYours {
		return fmt.Sprintf("your role is %s, and %s is for your own sandboxes then; for this one, %s could", e.Role, e.Route, e.Could)
	}
	return fmt.Sprintf("your role is %s, which may not %s; %s could", e.Role, e.Route, e.Could)
}
