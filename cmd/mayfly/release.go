package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) releaseCommand() *cobra.Command {
	var dir, file, image string
	var wait bool
	cmd := &cobra.Command{
		Use:   "release NAME (--dir DIR | --file ARCHIVE | --image TAG|DIGEST)",
		Short: "Release a folder, an archive or an image to a sandbox",
		Long: `Release a folder, an archive or an image: only what changed is written, pages after the assets that they name, and what is
gone is removed last. An image is one that was pushed to the sandbox's repository, whatever its tag rules say.`,
		Example:           "  mayfly release hello --dir ./public\n  mayfly release hello --file site.zip --wait=false\n  mayfly release hello --image v2",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if given := len(slices.DeleteFunc([]string{dir, file, image}, func(s string) bool { return s == "" })); given != 1 {
				return &usageError{message: "give one of --dir, --file and --image", command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			name := args[0]
			s, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(cmd.Context(), name))
			if err != nil {
				return fmt.Errorf("release to %s: %w", name, err)
			}
			if err := a.wakeFor(cmd.Context(), api, name, s.Value.Phase); err != nil {
				return err
			}
			return a.startAndWait(cmd.Context(), api, name, wait, func(v view) (client.Answer[events.ReleaseState], error) {
				if image != "" {
					started, err := client.Read[events.ReleaseState](api.CreateReleaseWithResponse(cmd.Context(), name, events.CreateRelease{Image: image}))
					if err != nil {
						err = fmt.Errorf("release image %s to %s: %w", image, name, err)
					}
					return started, err
				}
				var content *archive
				if dir != "" {
					content, err = pack(cmd.Context(), dir, s.Value.Spec.IndexDocument, v)
				} else {
					content, err = openArchive(file)
				}
				if err != nil {
					return client.Answer[events.ReleaseState]{}, err
				}
				started, err := content.release(cmd.Context(), api, name, v)
				return started, errors.Join(err, content.close())
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to release")
	cmd.Flags().StringVar(&file, "file", "", "the .tar.gz or .zip to release")
	cmd.Flags().StringVar(&image, "image", "", "the tag or the digest of the image to release")
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until it is live, showing each step")
	must(cmd.MarkFlagDirname("dir"))
	must(cmd.MarkFlagFilename("file", "tar.gz", "tgz", "zip"))
	return cmd
}

// startAndWait starts a release and, when it shall, waits for its end; then it
// shows the release.
func (a *app) startAndWait(ctx context.Context, api *client.ClientWithResponses, name string, wait bool, start func(view) (client.Answer[events.ReleaseState], error)) error {
	r, err := a.runRelease(ctx, api, name, wait, start)
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(r.Raw)
	}
	if !wait {
		a.printf("release %s is under way; see: mayfly releases %s\n", r.Value.ID, name)
		return nil
	}
	a.printf("release %s is live: %d files, %s; %d written, %d removed, in %s\n", r.Value.ID, r.Value.Files, size(r.Value.Bytes),
		r.Value.Written, r.Value.Removed, short(r.Value.EndedAt.Sub(r.Value.CreatedAt)))
	if s, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(ctx, name)); err == nil && s.Value.URL != "" {
		a.printf("%s\n", s.Value.URL)
	}
	return nil
}

// runRelease starts a release and, when it shall, waits for its end, showing
// each step.
func (a *app) runRelease(ctx context.Context, api *client.ClientWithResponses, name string, wait bool, start func(view) (client.Answer[events.ReleaseState], error)) (client.Answer[events.ReleaseState], error) {
	var none client.Answer[events.ReleaseState]
	after, err := lastEvent(ctx, api, name)
	if err != nil {
		return none, fmt.Errorf("release to %s: %w", name, err)
	}
	v := a.newView(name)
	defer v.stop()
	r, err := start(v)
	if err != nil || !wait {
		return r, err
	}
	id := r.Value.ID
	v.expect(r.Value.Eta)
	var begun bool
	err = watch(ctx, api, name, after, v, func(e events.SandboxEvent) (bool, error) {
		if e.Phase == events.PhaseDeleted || e.Phase == events.PhaseDeleting {
			return false, fmt.Errorf("release %s: sandbox %s is being deleted", id, name)
		}
		return releaseEnded(ctx, api, name, id, e, &begun)
	})
	if err != nil {
		return none, err
	}
	if r, err = client.Read[events.ReleaseState](api.GetReleaseWithResponse(ctx, name, id)); err != nil {
		return none, fmt.Errorf("release %s: %w", id, err)
	}
	return r, nil
}

// releaseEnded reports whether an event is the end of a release; a failed one
// is an error. begun is what it has to remember between two events: of a
// release, the first event is its beginning.
func releaseEnded(ctx context.Context, api *client.ClientWithResponses, name, id string, e events.SandboxEvent, begun *bool) (bool, error) {
	if e.Release != id || e.Type != "release" && e.Type != "failed" {
		return false, nil
	}
	if !*begun {
		*begun = true
		return false, nil
	}
	r, err := client.Read[events.ReleaseState](api.GetReleaseWithResponse(ctx, name, id))
	if err != nil {
		return false, fmt.Errorf("release %s: %w", id, err)
	}
	if r.Value.Status == events.ReleaseStatusFailed {
		return true, advise(fmt.Errorf("release %s failed: %s: %s", id, r.Value.Failure.Error, r.Value.Failure.Cause),
			"The site shows what it showed before. See: mayfly events %s", name)
	}
	return r.Value.Status == events.ReleaseStatusLive, nil
}

// once returns a function that calls f the first time only.
func once(f func()) func() {
	var o sync.Once
	return func() { o.Do(f) }
}
