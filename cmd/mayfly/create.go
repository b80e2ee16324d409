package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) createCommand() *cobra.Command {
	var body events.CreateSandbox
	var dir, delivery, access string
	var wait bool
	var readRepository func()
	var readDeploy func() error
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a sandbox, and release a folder to it in the same go",
		Long: `Make a sandbox: a private versioned bucket, an origin access identity, a bucket policy and a CloudFront distribution, and a
container repository whose pushes deploy to the site.

With --dir the folder is uploaded as soon as the bucket can take it, while the distribution still spreads, so that the site
is there when the distribution is. With --delivery none there is no site, and the repository stands alone. With --deploy ecs:…, eks:… or lambda:… there is none
either: what is pushed goes to a service that runs elsewhere.`,
		Example: "  mayfly create hello --dir ./site --wait\n  mayfly create preview --ttl 3d --spa\n  mayfly create shop --deploy-tag '^1.4' --deploy-tag '!*-debug'\n  mayfly create images --delivery none\n  mayfly create api --deploy ecs:staging/api",
		Args:    exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			body.Name, body.Delivery, body.OriginAccess = args[0], events.Delivery(delivery), events.OriginAccess(access)
			readRepository()
			if err := readDeploy(); err != nil {
				return err
			}
			// What can be refused here is refused before anything is made.
			if err := checkCreate(cmd, &body); err != nil {
				return err
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			v := a.newView(body.Name)
			stop := once(v.stop)
			defer stop()
			var content *archive
			if dir != "" {
				index := body.IndexDocument
				if index == "" {
					index = sandbox.DefaultIndexDocument
				}
				if content, err = pack(cmd.Context(), dir, index, v); err != nil {
					return err
				}
				defer func() { err = errors.Join(err, content.close()) }()
			}
			made, err := client.Read[events.SandboxState](api.CreateSandboxWithResponse(cmd.Context(), nil, body))
			if err != nil {
				return fmt.Errorf("create %s: %w", body.Name, err)
			}
			if content != nil || wait {
				if made, err = follow(cmd.Context(), api, body.Name, content, wait, v); err != nil {
					return err
				}
			}
			stop()
			if err := a.printSandbox(made, ""); err != nil || a.json() {
				return err
			}
			if !wait {
				a.printf("See how it goes on with: mayfly events %s --follow\n", body.Name)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "dir", "", "release this folder")
	flags.BoolVar(&wait, "wait", false, "wait until the site is live, showing each step")
	flags.StringVar(&body.Owner, "owner", "", "whose it is (default you)")
	flags.StringVar(&body.TTL, "ttl", "", "how long it lives, such as 90m, 36h or 14d (default never ends)")
	flags.StringVar(&body.IdleTime, "idle-time", "", "for how long nobody uses it when it is idle (default 24h); never")
	flags.StringVar(&body.WarnBefore, "warn-before", "", "how long before it falls asleep you are warned (default 24h)")
	flags.StringVar(&body.SleepFor, "sleep-for", "", "how long it sleeps before it is torn down (default 7d); never")
	flags.StringVar(&body.IndexDocument, "index", "", "index document (default index.html)")
	flags.StringVar(&body.ErrorDocument, "error", "", "page for what is not there")
	flags.BoolVar(&body.SinglePageApp, "spa", false, "single-page app: answer the index document for what is not there")
	flags.BoolVar(&body.WAF, "waf", false, "put the installation's web ACL before the site; about 8 USD a month for all sandboxes that have it")
	flags.StringVar(&delivery, "delivery", "", "cloudfront (default); website: public, HTTP, live in seconds; none: no site")
	flags.StringVar(&access, "origin-access", "", "oai (default) or oac")
	complete(cmd, "delivery", "cloudfront", "website", "none")
	complete(cmd, "origin-access", "oai", "oac")
	readRepository, readDeploy = repositoryFlags(cmd, &body.Repository), deployFlags(cmd, &body.Deploy)
	must(cmd.MarkFlagDirname("dir"))
	return cmd
}

// checkCreate checks a request by the API's own rules.
func checkCreate(cmd *cobra.Command, body *events.CreateSandbox) error {
	_, ttl := sandbox.ParseTTL(body.TTL)
	checks := []error{sandbox.CheckName(body.Name), ttl, sandbox.CheckSpec(sandbox.Defaults(events.Spec{
		Delivery: body.Delivery, OriginAccess: body.OriginAccess, IndexDocument: body.IndexDocument,
		ErrorDocument: body.ErrorDocument, SinglePageApp: body.SinglePageApp, WAF: body.WAF,
		IdleTime: body.IdleTime, WarnBefore: body.WarnBefore, SleepFor: body.SleepFor,
		Repository: body.Repository, Deploy: body.Deploy,
	}))}
	if body.Owner != "" {
		checks = append(checks, sandbox.CheckOwner(body.Owner))
	}
	for _, err := range checks {
		if err != nil {
			return &usageError{message: err.Error(), command: cmd}
		}
	}
	return nil
}

// follow releases content to a sandbox that is being made, as soon as it takes
// it, and waits for all of it when it shall.
func follow(ctx context.Context, api *client.ClientWithResponses, name string, content *archive, wait bool, v view) (client.Answer[events.SandboxState], error) {
	var releaseID string
	var ready, begun bool
	released := content == nil
	err := watch(ctx, api, name, 0, v, func(e events.SandboxEvent) (_ bool, err error) {
		if e.Phase == events.PhaseDeleted || e.Phase == events.PhaseFailed {
			return true, nil
		}
		if !ready {
			ready = e.Phase == events.PhaseReady || e.Phase == events.PhaseUpdating
		}
		if content != nil && releaseID == "" && (e.Type == "resource.made" || ready) {
			s, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(ctx, name))
			if err != nil || !s.Value.AcceptsReleases {
				return false, err
			}
			started, err := content.release(ctx, api, name, v)
			if err != nil {
				return false, err
			}
			releaseID = started.Value.ID
		}
		if !wait {
			return releaseID != "", nil
		}
		if releaseID != "" && !released {
			if released, err = releaseEnded(ctx, api, name, releaseID, e, &begun); err != nil {
				return false, err
			}
		}
		return ready && released, nil
	})
	if err != nil {
		return client.Answer[events.SandboxState]{}, err
	}
	return outcome(ctx, api, name)
}
