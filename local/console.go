package local

import (
	"fmt"
	"net/http"
)

// Pages are those of the console.
type Pages interface {
	http.Handler
	// Has reports whether there is something at a path.
	Has(path string) bool
}

// withConsole shows the console on the API's address, at the paths that it has;
// all others are the API's.
func (c *Cloud) withConsole(config Config, api http.Handler) (http.Handler, error) {
	if config.Console == nil {
		return api, nil
	}
	pages, err := config.Console(c.AWSURL)
	if err != nil {
		return nil, fmt.Errorf("the console: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && pages.Has(r.URL.Path) {
			pages.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	}), nil
}
