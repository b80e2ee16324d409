package dynamo

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// item is what DynamoDB keeps under one key.
type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func flag(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// textOf returns a string attribute, "" when it is not there.
func textOf(i item, name string) string {
	if s, ok := i[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func recordKey(name string) item {
	return item{PartitionKey: text("sandbox#" + name), SortKey: text("record")}
}

func historyKey(id, sort string) item {
	return item{PartitionKey: text("history#" + id), SortKey: text(sort)}
}

func eventSort(seq int64) string { return fmt.Sprintf("event#%019d", seq) }

const releasePrefix = "release#"

func idempotencyKey(key string) item {
	return item{PartitionKey: text("key#" + key), SortKey: text("key")}
}

// record is a sandbox's item: the sandbox and what only this store knows.
type record struct {
	sandbox  sandbox.Sandbox
	removing bool
	// sweep is the id of the sandbox that this one replaced, while that one's
	// history may still be there.
	sweep string
}

// attributes returns what every write of a record sets beside its keys.
func attributes(s *sandbox.Sandbox) (item, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return item{
		"id": text(s.ID), "owner": text(s.Owner), "phase": text(string(s.Phase)), "all": text("sandbox"), "name": text(s.Name),
		"version": number(s.Version), "clean": flag(len(s.Resources) == 0), "body": text(string(body)),
		"schema": number(schemaVersion),
	}, nil
}

func parseRecord(i item) (record, error) {
	if err := checkSchema(i); err != nil {
		return record{}, err
	}
	r := record{sweep: textOf(i, "sweep")}
	if mark, ok := i["removing"].(*types.AttributeValueMemberBOOL); ok {
		r.removing = mark.Value
	}
	return r, parseBody(i, &r.sandbox)
}

func parseBody(i item, into any) error {
	if err := json.Unmarshal([]byte(textOf(i, "body")), into); err != nil {
		return fmt.Errorf("item %s %s: %w", textOf(i, PartitionKey), textOf(i, SortKey), err)
	}
	return nil
}

func eventItem(id string, event sandbox.Event) (item, error) {
	body, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	i := historyKey(id, eventSort(event.Seq))
	i["body"] = text(string(body))
	return i, nil
}

// ttl is a time for the table's TTL: whole seconds, never too early.
func ttl(at time.Time) types.AttributeValue { return number(at.Add(time.Second - 1).Unix()) }
