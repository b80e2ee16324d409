package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) auditCommand() *cobra.Command {
	var principal, since string
	var limit int
	cmd := &cobra.Command{
		Use:   "audit [NAME]",
		Short: "Show who changed what",
		Long: `Show who changed what, newest first: all sandboxes, or the one with a name, also when it is gone. Entries are kept for 90 days.
As JSON, they have all their fields.`,
		Example: "  mayfly audit\n  mayfly audit hello --since 24h\n  mayfly audit --principal ecr:push",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{message: "one NAME at most", command: cmd}
			}
			return nil
		},
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			params := events.ListAuditParams{Principal: principal, Sandbox: strings.Join(args, "")}
			if since != "" {
				ago, err := sandbox.ParseTTL(since)
				if err != nil || ago == 0 {
					return &usageError{message: fmt.Sprintf("--since %q: must be 5m to 365d, written like 90m, 36h or 14d", since), command: cmd}
				}
				start := a.now().Add(-ago).UTC()
				params.Since = &start
			}
			if limit < 1 {
				return &usageError{message: "--limit must be 1 or more", command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			entries, err := auditEntries(cmd.Context(), api, params, limit)
			if err != nil {
				return fmt.Errorf("audit: %w", err)
			}
			if a.json() {
				return a.printValue(events.AuditPage{Entries: entries})
			}
			return a.printAudit(entries, limit)
		},
	}
	cmd.Flags().StringVar(&principal, "principal", "", "only what this principal did, by its whole name")
	cmd.Flags().StringVar(&since, "since", "", "only what was done since, such as 90m, 36h or 14d ago")
	cmd.Flags().IntVar(&limit, "limit", 200, "how many at most")
	return cmd
}

// auditEntries returns the newest entries, at most limit.
func auditEntries(ctx context.Context, api *client.ClientWithResponses, params events.ListAuditParams, limit int) ([]events.AuditEntry, error) {
	all := []events.AuditEntry{}
	for {
		size := min(limit-len(all), sandbox.MaxPage)
		params.Limit = &size
		page, err := client.Read[events.AuditPage](api.ListAuditWithResponse(ctx, &params))
		if err != nil {
			return nil, err
		}
		all = append(all, page.Value.Entries...)
		if params.Cursor = page.Value.Next; params.Cursor == "" || len(all) >= limit {
			return all, nil
		}
	}
}

func (a *app) printAudit(entries []events.AuditEntry, limit int) error {
	if len(entries) == 0 {
		a.printf("Nothing was changed.\n")
		return nil
	}
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "WHEN\tWHO\tFROM\tDID\tTO\tWHAT")
	for i := range entries {
		e := &entries[i]
		about := e.Sandbox
		if about == "" {
			about = e.Resource
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", e.At.Local().Format(time.DateTime), e.Principal, source(e), e.Action, about, whatChanged(e))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(entries) == limit {
		a.printf("There may be older ones: see --limit.\n")
	}
	return nil
}

// source returns where a change came from: an address, or the execution or
// push that made it.
func source(e *events.AuditEntry) string {
	if e.Address != "" {
		return e.Address
	}
	if strings.HasPrefix(e.Trigger, "arn:") {
		return e.Trigger[strings.LastIndex(e.Trigger, ":")+1:]
	}
	return e.Trigger
}

// whatChanged returns the fields that changed in one line. What was made or
// removed as a whole needs no list.
func whatChanged(e *events.AuditEntry) string {
	if e.Error != "" {
		return "refused: " + e.Error
	}
	if e.Action == sandbox.ActionCreate || e.Action == sandbox.ActionRemove {
		return ""
	}
	fields := slices.Sorted(maps.Keys(e.Before))
	for _, field := range slices.Sorted(maps.Keys(e.After)) {
		if _, both := e.Before[field]; !both {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	lines := make([]string, len(fields))
	for i, field := range fields {
		before, had := e.Before[field]
		after, has := e.After[field]
		switch {
		case !had:
			lines[i] = field + " " + after
		case !has:
			lines[i] = field + " no longer " + before
		default:
			lines[i] = field + " " + before + " → " + after
		}
	}
	return strings.Join(lines, ", ")
}
