package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) updateCommand() *cobra.Command {
	var owner, ttl, expires, index, errorPage, waf, idle, warn, sleep string
	var spa, wait bool
	var deploy events.DeploySpec
	var readRepository func() *events.RepositoryChange
	var readDeploy func() error
	cmd := &cobra.Command{
		Use:               "update NAME",
		Short:             "Change a sandbox; what is not named stays",
		Example:           "  mayfly update hello --ttl 14d\n  mayfly update hello --error 404.html --wait\n  mayfly update hello --waf on --wait\n  mayfly update hello --deploy-tag 'v*'\n  mayfly update hello --keep-images 20 --pusher ''",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			var body events.UpdateSandbox
			changed := false
			given := func(flag string) bool {
				changed = changed || cmd.Flags().Changed(flag)
				return cmd.Flags().Changed(flag)
			}
			if given("owner") {
				body.Owner = &owner
			}
			if given("ttl") {
				body.TTL = &ttl
			}
			if given("expires-at") {
				at, err := time.Parse(time.RFC3339, expires)
				if err != nil {
					return &usageError{message: fmt.Sprintf("--expires-at %q: must be a time such as 2030-01-31T18:00:00Z", expires), command: cmd}
				}
				body.ExpiresAt = &at
			}
			if given("idle-time") {
				body.IdleTime = &idle
			}
			if given("warn-before") {
				body.WarnBefore = &warn
			}
			if given("sleep-for") {
				body.SleepFor = &sleep
			}
			if given("index") {
				body.IndexDocument = &index
			}
			if given("error") {
				body.ErrorDocument = &errorPage
			}
			if given("spa") {
				body.SinglePageApp = &spa
			}
			if given("waf") {
				if waf != "on" && waf != "off" {
					return &usageError{message: fmt.Sprintf("--waf %q: must be on or off", waf), command: cmd}
				}
				on := waf == "on"
				body.WAF = &on
			}
			if pushes := given("deploy") || cmd.Flags().Changed("deploy-tag"); pushes {
				changed = true
				if err := readDeploy(); err != nil {
					return err
				}
				body.Deploy = &deploy
			}
			if body.Repository = readRepository(); body.Repository != nil {
				changed = true
			}
			if !changed {
				return &usageError{message: "name at least one thing to change", command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			after, err := lastEvent(cmd.Context(), api, args[0])
			if err != nil {
				return fmt.Errorf("update %s: %w", args[0], err)
			}
			s, err := client.Read[events.SandboxState](api.UpdateSandboxWithResponse(cmd.Context(), args[0], body))
			if err != nil {
				return fmt.Errorf("update %s: %w", args[0], err)
			}
			if wait && s.Value.Phase == events.PhaseUpdating {
				v := a.newView(args[0])
				s, err = watchUntilSettled(cmd.Context(), api, args[0], after, v)
				v.stop()
				if err != nil {
					return err
				}
			}
			return a.printSandbox(s, "")
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&owner, "owner", "", "new owner")
	flags.StringVar(&ttl, "ttl", "", "how long it lives from now on, such as 36h or 14d; never for no end")
	flags.StringVar(&expires, "expires-at", "", "when its life ends, as 2030-01-31T18:00:00Z")
	flags.StringVar(&idle, "idle-time", "", "for how long nobody uses it when it is idle; never")
	flags.StringVar(&warn, "warn-before", "", "how long before it falls asleep you are warned")
	flags.StringVar(&sleep, "sleep-for", "", "how long it sleeps before it is torn down; never")
	flags.StringVar(&index, "index", "", "index document")
	flags.StringVar(&errorPage, "error", "", `page for what is not there; "" for none`)
	flags.BoolVar(&spa, "spa", false, "single-page app")
	flags.StringVar(&waf, "waf", "", "on or off: the installation's web ACL before the site")
	complete(cmd, "waf", "on", "off")
	readRepository = repositoryChangeFlags(cmd)
	readDeploy = deployFlags(cmd, &deploy)
	flags.BoolVar(&wait, "wait", false, "wait until the change is live, showing each step")
	return cmd
}
