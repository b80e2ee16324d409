package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a sandbox",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(cmd.Context(), args[0]))
			if err != nil {
				return fmt.Errorf("show %s: %w", args[0], err)
			}
			used := ""
			if !a.json() {
				used = a.used(cmd.Context(), api, args[0])
			}
			return a.printSandbox(answer, used)
		},
	}
}

// used says when a sandbox was used last, as far as that can be known: it is no
// reason not to show the rest.
func (a *app) used(ctx context.Context, api *client.ClientWithResponses, name string) string {
	days := 14
	answer, err := client.Read[events.Stats](api.GetStatsWithResponse(ctx, name, &events.GetStatsParams{Days: &days}))
	if err != nil {
		return "not known: " + err.Error()
	}
	text := a.lastUse(answer.Value.LastActivity)
	if len(answer.Value.Unknown) > 0 {
		text += ", or later: not everything is known (mayfly stats " + name + ")"
	}
	return text
}

// printSandbox prints a sandbox as the API answered it, and when it was used
// last, where that is told.
func (a *app) printSandbox(answer client.Answer[events.SandboxState], used string) error {
	if a.json() {
		return a.printJSON(answer.Raw)
	}
	s := answer.Value
	a.printf("%s is %s%s\n", s.Name, s.Phase, a.underWay(&s))
	table := newTable(a.out)
	line := func(label, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(table, "  %s\t%s\n", label, value)
		}
	}
	line("url", s.URL)
	line("owner", s.Owner)
	line("bucket", s.Bucket)
	line("distribution", s.DistributionID)
	line("origin access identity", s.OriginAccessIdentity)
	line("origin access control", s.OriginAccessControl)
	line("repository", s.RepositoryURI)
	if s.Spec.Repository.Visibility == events.VisibilityPublic {
		line("visibility", "public")
	}
	switch {
	case s.RepositoryURI == "":
	case s.Spec.Deploy.Target == events.TargetNone:
		line("a push", "deploys nothing")
	case len(s.Spec.Deploy.Tags) > 0:
		line("a push", "deploys to "+destination(s.Spec.Deploy)+" when its tag is "+strings.Join(s.Spec.Deploy.Tags, ", "))
	default:
		line("a push", "deploys to "+destination(s.Spec.Deploy))
	}
	line("delivery", string(s.Spec.Delivery))
	if s.Spec.Delivery != events.DeliveryNone {
		line("index document", s.Spec.IndexDocument)
	}
	line("error document", s.Spec.ErrorDocument)
	if s.Spec.SinglePageApp {
		line("single-page app", "yes")
	}
	if s.Spec.WAF {
		line("waf", "on")
	}
	line("live release", s.LiveRelease)
	line("live image", shortImage(s.LiveImage))
	line("release under way", s.ActiveRelease)
	line("waits for", a.waitsFor(s.Waiting))
	line("created", a.when(s.CreatedAt))
	line("last used", used)
	if c := s.Cost; !c.Until.IsZero() {
		line("costs", fmt.Sprintf("%s USD this month until %s, %s at its end (mayfly cost %s)", usd(c.Amount).Short(), a.when(c.Until), usd(c.Forecast).Short(), s.Name))
	}
	line("expires", a.when(s.ExpiresAt))
	line("ends with", s.EndsWith) // used or not, at that time
	a.lifeLines(&s, line)
	if s.Failure.Error != "" {
		step := ""
		if s.FailedStep != "" {
			step = " in " + s.FailedStep
		}
		line("failure", s.Failure.Error+step+": "+s.Failure.Cause)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if s.RepositoryURI != "" && s.Phase == events.PhaseReady {
		a.printf("Push with: docker push %s:TAG   (log in first: mayfly login)\n", s.RepositoryURI)
	}
	return nil
}

// destination says where images go.
func destination(deploy events.DeploySpec) string {
	if deploy.Target.Service() {
		return deploy.Destination()
	}
	return "the " + string(deploy.Target)
}

// underWay says what is going on with a sandbox, and for how long.
func (a *app) underWay(s *events.SandboxState) string {
	var parts []string
	if s.Step != "" {
		parts = append(parts, fmt.Sprintf("%s for %s", s.Step, short(a.now().Sub(s.StepSince))))
	}
	if left := s.Eta.Sub(a.now()); !s.Eta.IsZero() && left > 0 {
		parts = append(parts, "about "+short(left)+" left")
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// waitsFor says what keeps a flow from going on, since when, and how long that
// usually takes.
func (a *app) waitsFor(w events.Waiting) string {
	if w.For == "" {
		return ""
	}
	text := w.For + ", since " + short(a.now().Sub(w.Since))
	if w.UsualSeconds > 0 {
		text += ", usually " + short(time.Duration(w.UsualSeconds)*time.Second)
	}
	return text
}

// when shows a time and how far away it is.
func (a *app) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	text := t.Local().Format("2006-01-02 15:04:05")
	if d := a.now().Sub(t); d >= 0 {
		return text + " (" + short(d) + " ago)"
	}
	return text + " (in " + short(t.Sub(a.now())) + ")"
}

// short shows a duration in one or two units.
func short(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}

func newTable(out io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(visible{out}, 0, 4, 2, ' ', 0)
}
