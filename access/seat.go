package access

import (
	"slices"
	"strings"
)

// Seat is the role of who sits in a class without an account, by the seat's
// token; see class.Token. Nobody is given it otherwise.
const Seat Role = "seat"

// seatPrefix is how the owners of seats' sandboxes begin; see class.SeatOwner.
const seatPrefix = "seat."

// IsSeat reports whether a name is that of a seat in a class, which nobody else
// has.
func IsSeat(name string) bool { return strings.HasPrefix(name, seatPrefix) }

// seatScope returns how far who sits in a class goes on a route: to the seat's
// own sandbox, on the routes that look at it, put content there, and have it
// made anew. It makes no other one, and does not change how long it lives or
// what it costs.
func seatScope(route string) Scope {
	const one = "/v1/sandboxes/{name}"
	if slices.Contains([]string{
		"POST /v1/seats", "GET /v1/sandboxes", "GET /v1/audit", "GET /v1/whoami",
		"GET " + one, "GET " + one + "/events", "GET " + one + "/releases", "GET " + one + "/releases/{release}", "GET " + one + "/releases/{release}/changes",
		"GET " + one + "/objects", "GET " + one + "/objects/{key}/versions", "GET " + one + "/images", "GET " + one + "/stats",
		"GET /v1/executions/{machine}/{execution}", "GET /v1/executions/{machine}/{execution}/history",
		"POST " + one + "/uploads", "POST " + one + "/releases", "POST " + one + "/rollback", "POST " + one + "/restore", "DELETE " + one,
	}, route) {
		return Own
	}
	return Nothing
}
