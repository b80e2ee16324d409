package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Doer sends a request; *http.Client does.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// health is the route that tells which Mayfly answers.
const health = "v1/health"

// API says whether an API answers, and as what. The address is asked for when
// the check runs; empty skips it.
func API(client Doer, address func() string, start string) Check {
	return func(ctx context.Context) []Result {
		at := address()
		if at == "" {
			return skip("API", "its address is not known; say it with --api-url or MAYFLY_API")
		}
		version, status, err := ask(ctx, client, at)
		switch {
		case err != nil:
			return fail("API", fmt.Sprintf("%s does not answer: %v", at, err), start)
		case status == http.StatusForbidden || status == http.StatusUnauthorized:
			return ok("API", at+" answers, and asks who you are")
		case status != http.StatusOK || version == "":
			return fail("API", fmt.Sprintf("%s answers %d, which is not Mayfly's health", at, status), "check the address (--api-url, MAYFLY_API), and docs/runbook.md, api-errors")
		}
		return ok("API", at+" is Mayfly "+version)
	}
}

// ask returns the version that the API at an address says, or the status that
// it answered instead.
func ask(ctx context.Context, client Doer, address string) (version string, status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/"+health, nil)
	if err != nil {
		return "", 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	var body struct {
		Version string `json:"version"`
		Mode    string `json:"mode"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&body); err != nil || body.Mode == "" {
		return "", response.StatusCode, nil
	}
	return body.Version + " (" + body.Mode + ")", response.StatusCode, nil
}
