package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// auditSort is what the sort keys of the audit's items begin with.
const auditSort = "at#"

func auditOfSandbox(name string) string { return "audit#" + name }

func auditOfDay(day time.Time) string { return "auditday#" + day.UTC().Format(time.DateOnly) }

// auditItems returns the items of an entry: one under its day, and one under
// its sandbox's name if it is about one.
func auditItems(entry sandbox.Audit) ([]item, error) {
	body, err := json.Marshal(entry)
	if err != nil {
		return nil, err
	}
	partitions := []string{auditOfDay(entry.At)}
	if entry.Sandbox != "" {
		partitions = append(partitions, auditOfSandbox(entry.Sandbox))
	}
	items := make([]item, len(partitions))
	for i, partition := range partitions {
		items[i] = item{
			PartitionKey: text(partition), SortKey: text(auditSort + entry.ID), "body": text(string(body)),
			TTLAttribute: ttl(entry.At.Add(sandbox.AuditLife)),
		}
	}
	return items, nil
}

// puts returns the writes of entries, to be part of a transaction.
func (s *Store) puts(entries []sandbox.Audit) ([]types.TransactWriteItem, error) {
	var all []types.TransactWriteItem
	for _, entry := range entries {
		items, err := auditItems(entry)
		if err != nil {
			return nil, err
		}
		for _, one := range items {
			all = append(all, types.TransactWriteItem{Put: &types.Put{TableName: aws.String(s.table), Item: one}})
		}
	}
	return all, nil
}

// AddAudit writes an entry of the audit; see sandbox.Store.
func (s *Store) AddAudit(ctx context.Context, entry sandbox.Audit) error {
	puts, err := s.puts([]sandbox.Audit{entry})
	if err == nil {
		err = again(ctx, func() error {
			_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: puts})
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("add %s to the audit: %w", entry.Action, err)
	}
	return nil
}

// ListAudit returns a page of the audit, newest first; see sandbox.Store. What
// is about one sandbox is read from its own items, all else day by day.
func (s *Store) ListAudit(ctx context.Context, filter sandbox.AuditFilter, page sandbox.Page) ([]sandbox.Audit, sandbox.Cursor, error) {
	before, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", err)
	}
	// The table's TTL deletes late: what is too old counts as gone.
	now := s.now()
	if oldest := now.Add(-sandbox.AuditLife); filter.Since.Before(oldest) {
		filter.Since = oldest
	}
	last := now.Add(time.Hour) // other machines' clocks
	if before != "" {
		if last, err = sandbox.AuditTime(before); err != nil {
			return nil, "", fmt.Errorf("list the audit: %w", &sandbox.FieldError{Field: "after", Rule: "a cursor that the page before returned", Value: string(page.After)})
		}
	}
	size := page.Size()
	var found []sandbox.Audit
	for _, partition := range auditPartitions(filter, last) {
		more, err := s.auditOf(ctx, partition, filter, before, size+1-len(found))
		if err != nil {
			return nil, "", fmt.Errorf("list the audit: %w", err)
		}
		if found = append(found, more...); len(found) > size {
			return found[:size], sandbox.CursorAt(found[size-1].ID), nil
		}
	}
	return found, "", nil
}

// auditPartitions returns where the selected entries are, newest first.
func auditPartitions(filter sandbox.AuditFilter, last time.Time) []string {
	if filter.Sandbox != "" {
		return []string{auditOfSandbox(filter.Sandbox)}
	}
	var days []string
	first := filter.Since.UTC().Truncate(24 * time.Hour)
	for day := last.UTC().Truncate(24 * time.Hour); !day.Before(first); day = day.Add(-24 * time.Hour) {
		days = append(days, auditOfDay(day))
	}
	return days
}

// auditOf returns the first limit selected entries of a partition, newest
// first, that are older than the one with the id before. They are selected here:
// a filter of DynamoDB's reads, and is paid for, as much.
func (s *Store) auditOf(ctx context.Context, partition string, filter sandbox.AuditFilter, before string, limit int) ([]sandbox.Audit, error) {
	oldest, newest := auditSort+sandbox.AuditIDAt(filter.Since), auditSort+"9"
	if before != "" {
		newest = auditSort + before
	}
	if oldest > newest {
		return nil, nil // AWS refuses bounds in the wrong order
	}
	input := &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :oldest AND :newest"),
		ExpressionAttributeValues: item{
			":pk": text(partition), ":oldest": text(oldest), ":newest": text(newest),
		},
		ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true),
	}
	var found []sandbox.Audit
	for one, err := range s.query(ctx, input) {
		var entry sandbox.Audit
		if err == nil {
			err = parseBody(one, &entry)
		}
		if err != nil {
			return nil, err
		}
		if entry.ID == before || !filter.Matches(&entry) {
			continue
		}
		if found = append(found, entry); len(found) == limit {
			break
		}
	}
	return found, nil
}
