package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) orphansCommand() *cobra.Command {
	var fix, yes, last bool
	cmd := &cobra.Command{
		Use:   "orphans",
		Short: "Compare what the account holds with the records",
		Long: `Compare what the account holds with the records of all sandboxes: what is in the account and in no record, with why it is or is not
proven to be this installation's, and what is in a record and not in the account. It looks at the account anew, which may take
a minute; --last shows what the last comparison found.

--fix tears down what is proven, and nothing else. It runs each night, too.`,
		Example: "  mayfly orphans\n  mayfly orphans --fix\n  mayfly orphans --last -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if last && fix {
				return &usageError{message: "--last shows what was found; it can't be given with --fix", command: cmd}
			}
			if fix && !yes {
				if err := a.confirmFix(cmd); err != nil {
					return err
				}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := orphans(cmd.Context(), api, fix, last)
			if err != nil {
				return fmt.Errorf("orphans: %w", err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			return a.printOrphans(&answer.Value)
		},
	}
	cmd.Flags().BoolVar(&fix, "fix", false, "tear down what is proven to be this installation's")
	cmd.Flags().BoolVar(&last, "last", false, "show what the last comparison found")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask before --fix")
	return cmd
}

// orphans asks for a comparison and waits for its end, or returns the last one.
func orphans(ctx context.Context, api *client.ClientWithResponses, fix, last bool) (client.Answer[events.OrphanReport], error) {
	if last {
		return client.Read[events.OrphanReport](api.GetOrphansWithResponse(ctx, &events.GetOrphansParams{}))
	}
	begun, err := client.Read[events.OrphanReport](api.FindOrphansWithResponse(ctx, events.OrphanSearch{Fix: fix}))
	if err != nil {
		return begun, err
	}
	const shortest, longest = 20 * time.Millisecond, 2 * time.Second
	for wait := shortest; ; wait = min(2*wait, longest) {
		answer, err := client.Read[events.OrphanReport](api.GetOrphansWithResponse(ctx, &events.GetOrphansParams{Run: begun.Value.Run}))
		if err != nil {
			return answer, err
		}
		switch answer.Value.Status {
		case events.OrphanReportStatusDone:
			return answer, nil
		case events.OrphanReportStatusFailed:
			return answer, advise(errors.New("the comparison failed"), "See the execution %s of the machine orphans; then ask again", begun.Value.Run)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return answer, context.Cause(ctx)
		}
	}
}

// confirmFix asks on a terminal; elsewhere --yes is needed.
func (a *app) confirmFix(cmd *cobra.Command) error {
	if a.json() || !term.IsTerminal(int(os.Stdin.Fd())) {
		return &usageError{message: "nobody is there to be asked: give --yes with --fix", command: cmd}
	}
	_, _ = fmt.Fprint(a.err, "Tear down what is proven to be this installation's and is in no record? [y/N] ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if answer := strings.ToLower(strings.TrimSpace(line)); err != nil || answer != "y" && answer != "yes" {
		return errors.New("nothing is torn down")
	}
	return nil
}

func (a *app) printOrphans(report *events.OrphanReport) error {
	proven, gone := 0, 0
	for i := range report.Orphans {
		switch o := &report.Orphans[i]; {
		case o.State == events.OrphanStateTornDown:
			gone++
		case o.Proven:
			proven++
		}
	}
	if len(report.Orphans) > 0 {
		table := newTable(a.out)
		_, _ = fmt.Fprintln(table, "KIND\tID\tSANDBOX\tIN\tPROVEN\tWHY")
		for i := range report.Orphans {
			o := &report.Orphans[i]
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", o.Kind, o.ID, o.Sandbox, o.In, whether(o), o.Why)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		a.printf("\n")
	}
	if report.More > 0 {
		a.printf("And %d more.\n", report.More)
	}
	for _, trouble := range report.Troubles {
		a.printf("Could not be looked at: %s\n", trouble)
	}
	a.printf("The account holds %d resources, the records %d; %d differ", report.Held, report.Recorded, len(report.Orphans)+report.More-gone)
	if gone > 0 {
		a.printf(", %d torn down", gone)
	}
	a.printf("\n")
	if proven > 0 && !report.Fix {
		a.printf("Tear down the %d that are proven with: mayfly orphans --fix\n", proven)
	}
	return nil
}

// whether says whether an orphan is proven, and what became of it.
func whether(o *events.Orphan) string {
	switch {
	case o.State == events.OrphanStateTornDown:
		return "yes, torn down"
	case o.State == events.OrphanStateLeft:
		return "yes, left"
	case o.Proven:
		return "yes"
	}
	return "no"
}
