// Package httpapi stands before Mayfly's API on one machine for what API
// Gateway's HTTP API does before it on AWS, and nothing else does.
package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/access"
)

// CORS lets pages of the origins ask next. As API Gateway does, it answers a
// preflight by itself, before anybody is asked who they are: with 204, and with
// nothing that a browser could take for leave when the origin is another. To
// other answers it adds what the page may read, whoever wrote them. Without
// origins it is next.
func CORS(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		allowed := slices.Contains(origins, origin)
		if allowed {
			header.Set("Access-Control-Allow-Origin", origin)
		}
		if origin != "" && r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			if allowed {
				header.Set("Access-Control-Allow-Methods", strings.Join(access.Methods(), ","))
				header.Set("Access-Control-Allow-Headers", strings.Join(access.PageHeaders(), ","))
				header.Set("Access-Control-Max-Age", strconv.Itoa(int(access.PreflightAge.Seconds())))
			}
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if allowed {
			header.Set("Access-Control-Expose-Headers", strings.Join(access.PageSees(), ","))
		}
		next.ServeHTTP(w, r)
	})
}
