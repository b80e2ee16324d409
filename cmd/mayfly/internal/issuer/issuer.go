// Package issuer reads what an issuer of tokens says of itself.
package issuer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/console"
)

// Doer sends a request; *http.Client does.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// wellKnown is where an issuer's discovery document is, under its address.
const wellKnown = "/.well-known/openid-configuration"

// Check returns what is wrong with an issuer's address: as in a token's iss.
func Check(address string) error {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.RawQuery != "" || at.Fragment != "" || at.User != nil || at.Scheme != "https" && (at.Scheme != "http" || !access.Loopback(at.Hostname())) {
		return fmt.Errorf("issuer %q: must be an https URL, as the token's iss has it", address)
	}
	return nil
}

// Discover reads an issuer's discovery document, and refuses one that a page
// could not sign in by: of another issuer, without its endpoints, or without
// PKCE by S256.
func Discover(ctx context.Context, client Doer, address string) (console.Server, error) {
	var server console.Server
	if err := Check(address); err != nil {
		return server, err
	}
	at := strings.TrimSuffix(address, "/") + wellKnown
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return server, fmt.Errorf("issuer: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return server, fmt.Errorf("issuer: read its discovery document: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		return server, fmt.Errorf("issuer: %s answers %s", at, response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&server); err != nil {
		return server, fmt.Errorf("issuer: %s can't be read: %w", at, err)
	}
	if err := usable(server, address); err != nil {
		return server, fmt.Errorf("issuer: %s %w", at, err)
	}
	return server, nil
}

func usable(server console.Server, address string) error {
	if server.Issuer != address {
		return fmt.Errorf("is of the issuer %q, not of %q: the API compares them letter by letter", server.Issuer, address)
	}
	if len(server.Challenges) > 0 && !slices.Contains(server.Challenges, "S256") {
		return fmt.Errorf("knows PKCE by %s alone, and S256 is needed", strings.Join(server.Challenges, ", "))
	}
	for name, endpoint := range map[string]string{"authorization_endpoint": server.AuthorizationEndpoint, "token_endpoint": server.TokenEndpoint, "end_session_endpoint": server.EndSessionEndpoint} {
		at, err := url.Parse(endpoint)
		switch {
		case endpoint == "" && name == "end_session_endpoint": // then signing out is of the page alone
		case endpoint == "":
			return fmt.Errorf("names no %s", name)
		case err != nil || at.Host == "" || at.Scheme != "https" && (at.Scheme != "http" || !access.Loopback(at.Hostname())):
			return fmt.Errorf("has the %s %q, which is no https URL", name, endpoint)
		}
	}
	return nil
}

// Of returns the issuer that a token says it is of, and "" for a token that is
// no JSON Web Token. It checks nothing: whoever is sent the token does.
func Of(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		return ""
	}
	return claims.Issuer
}
