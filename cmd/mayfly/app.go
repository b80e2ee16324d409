package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
)

// defaultAPI is where `mayfly local` answers.
const defaultAPI = "http://127.0.0.1:8700"

// app is one run of the command line: where it writes, and what all commands
// share.
type app struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	now      func() time.Time

	// format is the flag --output: text or json.
	format string
	// apiURL is the flag --api-url.
	apiURL string
	// sign, profile and region are flags of the same names, for an API on AWS.
	sign            bool
	profile, region string
	// token is a token that was given to this run; else it is $MAYFLY_TOKEN.
	token string
	// unsigned says that this run signs nothing.
	unsigned bool
}

func newApp(out, err io.Writer, getenv func(string) string) *app {
	return &app{in: os.Stdin, out: out, err: err, getenv: getenv, now: time.Now}
}

// run runs one command line and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	a.report(err)
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "mayfly",
		Short: "Short-lived sites on S3 and CloudFront: one request, one live site",
		Long: `Mayfly makes short-lived sites on S3 and CloudFront, on AWS or on this machine.

  mayfly local                            start the cloud on this machine
  mayfly create hello --dir ./site --wait make a sandbox and release a folder to it
  mayfly show hello                       where it is and how it is`,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			message := fmt.Sprintf("there is no command %q", args[0])
			if close := cmd.SuggestionsFor(args[0]); len(close) > 0 {
				message += fmt.Sprintf("; did you mean %q?", close[0])
			}
			return &usageError{message: message, command: cmd}
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if a.format != "text" && a.format != "json" {
				return &usageError{message: fmt.Sprintf("--output %q: must be text or json", a.format), command: cmd}
			}
			return nil
		},
	}
	root.PersistentFlags().StringVarP(&a.format, "output", "o", "text", "text or json")
	root.PersistentFlags().StringVar(&a.apiURL, "api-url", "", "address of the API (default $MAYFLY_API, else "+defaultAPI+")")
	root.PersistentFlags().BoolVar(&a.sign, "sign", false, "sign requests with AWS credentials; an API on AWS, and one that asks for it, gets them without")
	root.PersistentFlags().StringVar(&a.profile, "profile", "", "the profile of AWS's configuration to sign with (default $AWS_PROFILE)")
	root.PersistentFlags().StringVar(&a.region, "region", "", "the region to sign for (default the one in the API's address)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{message: err.Error(), command: cmd}
	})
	must(root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)))
	root.AddCommand(a.objectsCommand(), a.imagesCommand(), a.executionsCommand(), a.whoamiCommand())
	root.AddCommand(
		a.classCommand(), a.joinCommand(), a.consoleCommand(),
		a.createCommand(), a.listCommand(), a.showCommand(), a.updateCommand(), a.deleteCommand(),
		a.extendCommand(), a.pinCommand(), a.unpinCommand(), a.sleepCommand(), a.wakeCommand(),
		a.releaseCommand(), a.releasesCommand(), a.changesCommand(), a.rollbackCommand(), a.versionsCommand(), a.restoreCommand(),
		a.eventsCommand(), a.auditCommand(), a.orphansCommand(), a.statsCommand(), a.sweepCommand(), a.nightsCommand(), a.costCommand(), a.budgetCommand(), a.quotaCommand(), a.pricesCommand(), a.loginCommand(), a.aslCommand(), a.versionCommand(), a.doctorCommand(), a.localCommand(a.startLocal), a.usersCommand(),
	)
	return root
}

// must is for what can only fail by a mistake in this program.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// address is where the API is.
func (a *app) address() string {
	for _, address := range []string{a.apiURL, a.getenv("MAYFLY_API")} {
		if address != "" {
			return address
		}
	}
	return defaultAPI
}

// onThisMachine reports whether the API is on this machine.
func (a *app) onThisMachine() bool {
	parsed, err := url.Parse(a.address())
	return err == nil && access.Loopback(parsed.Hostname())
}

// bearer is the token that the API is sent; "" for none.
func (a *app) bearer() string { return cmp.Or(a.token, a.getenv("MAYFLY_TOKEN")) }

// client returns a client of the API.
func (a *app) client() (*client.ClientWithResponses, error) {
	address := a.address()
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, &usageError{message: fmt.Sprintf("the API's address %q must be like %s (MAYFLY_API, --api-url)", address, defaultAPI)}
	}
	token := a.bearer()
	if token != "" && parsed.Scheme == "http" && !access.Loopback(parsed.Hostname()) {
		return nil, &usageError{message: fmt.Sprintf("MAYFLY_TOKEN is not sent to %s: anybody on the way could read it; use https", address)}
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
	}
	doer := client.Doer{Client: &http.Client{Transport: transport}, Principal: a.principal(), Token: token}
	if !a.unsigned {
		doer.Signer = &client.Signer{Config: a.credentials(), Now: a.now, Region: a.region, Always: a.sign}
	}
	return client.NewClientWithResponses(address, client.WithHTTPClient(doer))
}

// credentials returns the SDK's own way to credentials, walked at most once: it
// may ask a server.
func (a *app) credentials() func(context.Context) (aws.Config, error) {
	var once sync.Once
	var cfg aws.Config
	var err error
	return func(ctx context.Context) (aws.Config, error) {
		once.Do(func() {
			cfg, err = config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(a.profile))
		})
		return cfg, err
	}
}

// principal is who asks: on one machine, the user of the operating system.
func (a *app) principal() string {
	if who := a.getenv("MAYFLY_PRINCIPAL"); who != "" {
		return who
	}
	if current, err := user.Current(); err == nil {
		return current.Username
	}
	return ""
}

// json reports whether answers go out as JSON.
func (a *app) json() bool { return a.format == "json" }

// printJSON writes an answer of the API, indented.
func (a *app) printJSON(raw json.RawMessage) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return fmt.Errorf("the API's answer can't be read: %w", err)
	}
	pretty.WriteByte('\n')
	_, err := pretty.WriteTo(a.out)
	return err
}

func (a *app) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(visible{a.out}, format, args...) // a closed pipe has no one to tell
}
