package console

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SignIn says how people sign in at an issuer: what the page must know for
// OAuth 2.0's authorization code with PKCE. It holds no secret: a page can't
// keep one.
type SignIn struct {
	// ClientID is the client that the issuer knows the console as.
	ClientID string `json:"clientId"`
	// Scope are the scopes to ask for, with spaces between.
	Scope string `json:"scope"`
	// Audience, where an issuer wants it said, is the API that the token is for.
	Audience string `json:"audience,omitempty"`
	// Token is the token that the API is sent: access or id.
	Token string `json:"token"`
	// Server is what the issuer's discovery document says of it.
	Server Server `json:"server"`
}

// Server is an issuer's metadata (RFC 8414, OpenID Connect Discovery), as much
// of it as signing in needs.
type Server struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
	// EndSessionEndpoint is where people sign out, if the issuer has that.
	EndSessionEndpoint string `json:"end_session_endpoint,omitempty"`
	// Algorithms sign its ID tokens.
	Algorithms []string `json:"id_token_signing_alg_values_supported,omitempty"`
	// Challenges are the methods of PKCE that it knows.
	Challenges []string `json:"code_challenge_methods_supported,omitempty"`
	// NamesItself says that its answers have iss (RFC 9207).
	NamesItself bool `json:"authorization_response_iss_parameter_supported,omitempty"`
}

// config is config.json.
type config struct {
	API    string  `json:"api"`
	SignIn *SignIn `json:"signIn,omitempty"`
}

// WriteSite writes the console as a site into a folder, which must be empty. A
// site's headers are the same for all its pages, so that the policy is in the
// page. All that index.html names is in a folder called by what is in it: a
// browser that still has some of an older console never mixes it with this one.
func WriteSite(dir string, options Options) error {
	texts, err := read()
	if err != nil {
		return err
	}
	index := texts["index.html"]
	delete(texts, "index.html")
	folder := folderOf(texts)
	for name := range texts {
		index = strings.ReplaceAll(index, `="`+name+`"`, `="`+folder+name+`"`)
	}
	const charset = `<meta charset="utf-8">`
	texts = inFolder(folder, texts)
	texts["index.html"] = strings.Replace(index, charset, charset+"\n"+
		`<meta http-equiv="Content-Security-Policy" content="`+html.EscapeString(strings.Join(rules(options), "; "))+`">`+"\n"+
		// The address has the issuer's answer for a moment, and nobody else is to see it.
		`<meta name="referrer" content="no-referrer">`, 1)
	known, err := json.Marshal(config{API: options.API, SignIn: options.SignIn})
	if err != nil {
		return fmt.Errorf("console: %w", err)
	}
	texts["config.json"] = string(known)
	for name, text := range texts {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return fmt.Errorf("console: %w", err)
		}
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return fmt.Errorf("console: %w", err)
		}
	}
	return nil
}

// read returns the assets by their paths.
func read() (map[string]string, error) {
	texts := map[string]string{}
	err := fs.WalkDir(files, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("console: %w", err)
		}
		name = strings.TrimPrefix(name, "assets/")
		texts[name] = string(resolve("/"+name, text))
		return nil
	})
	return texts, err
}

// folderOf names a folder by all that is in it.
func folderOf(texts map[string]string) string {
	digest := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		_, _ = fmt.Fprintf(digest, "%s %d\n%s", name, len(texts[name]), texts[name]) // a digest takes all
	}
	return "console-" + hex.EncodeToString(digest.Sum(nil)[:8]) + "/"
}

func inFolder(folder string, texts map[string]string) map[string]string {
	moved := make(map[string]string, len(texts)+2)
	for name, text := range texts {
		moved[folder+name] = text
	}
	return moved
}
