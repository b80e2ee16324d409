package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/issuer"
	"github.com/mayfly-dev/mayfly/console"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) consoleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "console",
		Short: "Publish the console for browsers",
		Long: `Publish the console for browsers as a site of Mayfly's own. On one machine it is at the API's address already, and
needs no publishing.`,
		Example: "  mayfly console publish --client-id 4f2k8",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.publishCommand())
	return cmd
}

// consoleReason is why a console's sandbox is pinned; by it the command knows
// its own.
const consoleReason = "the console"

// signInFlags say how people sign in to a published console.
type signInFlags struct {
	issuer, clientID, scope, audience, token string
}

func (a *app) publishCommand() *cobra.Command {
	name := "console"
	var flags signInFlags
	cmd := &cobra.Command{
		Use:   "publish",
		Short: "Make the console a site, or bring that site up to date",
		Long: `Make the console a site: a sandbox that never ends and is never idle, with the console's files and where the API is. To
publish again brings it up to date. What is then left to do once, so that the API lets the page in, is shown.

People sign in at the issuer that the API believes, by OAuth 2.0's authorization code with PKCE: --client-id names the
issuer's public client for the console. Without it they paste a token. An API on AWS with IAM authorization lets no
browser sign in; docs/console.md says what to do.`,
		Example: "  mayfly console publish --client-id 4f2k8 --scope 'openid email'\n  mayfly console publish --issuer https://login.example.com/ --client-id console --audience mayfly",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.check(); err != nil {
				return &usageError{message: err.Error(), command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			options, err := a.consoleOptions(cmd.Context(), api, flags)
			if err != nil {
				return err
			}
			s, err := a.publish(cmd.Context(), api, name, options)
			if err != nil {
				return fmt.Errorf("publish the console as %s: %w", name, err)
			}
			return a.printPublished(cmd.Context(), s, options)
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", name, "the sandbox that is the console")
	f.StringVar(&flags.issuer, "issuer", "", "who signs people in (default the issuer of $MAYFLY_TOKEN)")
	f.StringVar(&flags.clientID, "client-id", "", "the issuer's public client for the console")
	f.StringVar(&flags.scope, "scope", "openid", "the scopes to ask for, with spaces between")
	f.StringVar(&flags.audience, "audience", "", "the API's name at the issuer, where the issuer wants it to be said")
	f.StringVar(&flags.token, "token", "access", "which of the issuer's tokens the API is sent: access or id")
	complete(cmd, "token", "access", "id")
	return cmd
}

func (f signInFlags) check() error {
	switch {
	case f.token != "access" && f.token != "id":
		return fmt.Errorf("--token %q: must be access or id", f.token)
	case !slices.Contains(strings.Fields(f.scope), "openid"):
		return fmt.Errorf("--scope %q: must have openid, which asks for an ID token", f.scope)
	case f.clientID == "" && (f.issuer != "" || f.audience != ""):
		return errors.New("--client-id: name the issuer's client for the console, too")
	case f.issuer != "":
		return issuer.Check(f.issuer)
	}
	return nil
}

// consoleOptions finds out how a console of this API is to be, but for where
// archives are uploaded to. It refuses, before anything is made, one that nobody
// could sign in to.
func (a *app) consoleOptions(ctx context.Context, api *client.ClientWithResponses, flags signInFlags) (console.Options, error) {
	options := console.Options{API: strings.TrimRight(a.address(), "/")}
	health, err := client.Read[events.Health](api.GetHealthWithResponse(ctx))
	if err != nil {
		return options, err
	}
	token := a.bearer()
	if health.Value.Mode == "aws" && token == "" {
		return options, advise(errors.New("this API asks for IAM, and a browser has no AWS credentials to sign with"),
			"Deploy with an issuer of tokens instead (make deploy SETTINGS='jwtIssuer=… jwtAudience=…'), then publish with its token in MAYFLY_TOKEN. See docs/console.md.")
	}
	if flags.clientID == "" {
		return options, nil
	}
	if flags.issuer == "" {
		if flags.issuer = issuer.Of(token); flags.issuer == "" {
			return options, &usageError{message: "--issuer: say who signs people in; MAYFLY_TOKEN is of no issuer"}
		}
	}
	server, err := issuer.Discover(ctx, &http.Client{Timeout: 20 * time.Second}, flags.issuer)
	if err != nil {
		return options, err
	}
	options.SignIn = &console.SignIn{ClientID: flags.clientID, Scope: flags.scope, Audience: flags.audience, Token: flags.token, Server: server}
	return options, nil
}

// publish makes the console's sandbox, unless it is there, and releases the
// console to it.
func (a *app) publish(ctx context.Context, api *client.ClientWithResponses, name string, options console.Options) (events.SandboxState, error) {
	s, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(ctx, name))
	if client.IsGone(err) {
		s, err = client.Read[events.SandboxState](api.CreateSandboxWithResponse(ctx, nil, events.CreateSandbox{
			Name: name, Delivery: events.DeliveryCloudFront, Repository: events.RepositorySpec{Visibility: events.VisibilityNone},
		}))
	}
	if err != nil {
		return s.Value, err
	}
	if s.Value.PinReason != consoleReason {
		if s.Value.LiveRelease != "" {
			return s.Value, advise(fmt.Errorf("there is a sandbox %s with content of its own", name), "Choose another with --name; or, if it is a console, mayfly pin %s --reason '%s'", name, consoleReason)
		}
		if s, err = client.Read[events.SandboxState](api.PinSandboxWithResponse(ctx, name, events.Reason{Reason: consoleReason})); err != nil {
			return s.Value, err
		}
	}
	content, err := a.packConsole(ctx, api, name, options)
	if err != nil {
		return s.Value, err
	}
	defer content.close() //nolint:errcheck // a file for the time of the upload
	if s.Value.Phase == events.PhaseProvisioning {
		v := a.newView(name)
		defer v.stop()
		s, err = follow(ctx, api, name, content, true, v)
		return s.Value, err
	}
	if err := a.wakeFor(ctx, api, name, s.Value.Phase); err != nil {
		return s.Value, err
	}
	if _, err := a.runRelease(ctx, api, name, true, func(v view) (client.Answer[events.ReleaseState], error) {
		return content.release(ctx, api, name, v)
	}); err != nil {
		return s.Value, err
	}
	s, err = outcome(ctx, api, name)
	return s.Value, err
}

// packConsole packs the console's files. Its policy names the place that
// archives are uploaded to, which only an upload tells: one is asked for, and
// left alone.
func (a *app) packConsole(ctx context.Context, api *client.ClientWithResponses, name string, options console.Options) (_ *archive, err error) {
	place, err := client.Read[events.Upload](api.CreateUploadWithResponse(ctx, name, events.CreateUpload{Size: 1, Format: "tar.gz"}))
	if err != nil {
		return nil, fmt.Errorf("ask where uploads go: %w", err)
	}
	uploads, err := originOf(place.Value.URL)
	if err != nil {
		return nil, err
	}
	options.Uploads = []string{uploads}
	dir, err := os.MkdirTemp("", "mayfly-console-*")
	if err != nil {
		return nil, fmt.Errorf("write the console: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := console.WriteSite(dir, options); err != nil {
		return nil, err
	}
	return pack(ctx, dir, "index.html", silent{})
}

func originOf(address string) (string, error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return "", fmt.Errorf("the address %q has no origin", address)
	}
	return at.Scheme + "://" + at.Host, nil
}

// published is what the command tells of a console.
type published struct {
	URL    string `json:"url"`
	Origin string `json:"origin"`
	// MayAsk says that the API lets the page in already; else LetIn does that.
	MayAsk bool   `json:"mayAsk"`
	LetIn  string `json:"letIn,omitempty"`
	// Callback is the address that the issuer must know for signing in and out.
	Callback string `json:"callback,omitempty"`
}

func (a *app) printPublished(ctx context.Context, s events.SandboxState, options console.Options) error {
	origin, err := originOf(s.URL)
	if err != nil {
		return fmt.Errorf("the console: %w", err)
	}
	p := published{URL: s.URL, Origin: origin, MayAsk: mayAsk(ctx, options.API, origin)}
	if !p.MayAsk {
		p.LetIn = "make deploy SETTINGS='console=" + origin + "'"
		if a.onThisMachine() {
			p.LetIn = "mayfly local --console-origin " + origin
		}
	}
	if options.SignIn != nil {
		p.Callback = s.URL
	}
	if a.json() {
		return a.printValue(p)
	}
	a.printf("The console is at %s\n", p.URL)
	if options.SignIn == nil {
		a.printf("Where the API asks who asks, people paste a token; with --client-id they sign in.\n")
	} else {
		a.printf("\nFor the client %s at %s, allow this callback URL, and the same to sign out to:\n  %s\n", options.SignIn.ClientID, options.SignIn.Server.Issuer, p.Callback)
	}
	if !p.MayAsk {
		a.printf("\nThe API does not let the page in yet. Once, with the other settings that you use:\n  %s\n", p.LetIn)
	}
	return nil
}

// mayAsk reports whether an API lets pages of an origin ask, as a browser finds
// it out. What can't be found out is no.
func mayAsk(ctx context.Context, api, origin string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodOptions, api+"/v1/whoami", nil)
	if err != nil {
		return false
	}
	request.Header.Set("Origin", origin)
	request.Header.Set("Access-Control-Request-Method", http.MethodGet)
	request.Header.Set("Access-Control-Request-Headers", "authorization")
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // it was only asked
	return response.StatusCode < http.StatusMultipleChoices && response.Header.Get("Access-Control-Allow-Origin") == origin
}
