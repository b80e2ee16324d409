package dynamodb_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/local/dynamodb"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func put(t *testing.T, client *sdk.Client, pk, value string) {
	t.Helper()
	if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{
		TableName: aws.String("mayfly"),
		Item:      map[string]types.AttributeValue{"pk": text(pk), "sk": text("s"), "value": text(value)},
	}); err != nil {
		t.Fatal(err)
	}
}

// valueOf returns an item's value, "" when the item is not there.
func valueOf(t *testing.T, client *sdk.Client, pk string) string {
	t.Helper()
	out, err := client.GetItem(t.Context(), &sdk.GetItemInput{
		TableName: aws.String("mayfly"), Key: map[string]types.AttributeValue{"pk": text(pk), "sk": text("s")},
	})
	if err != nil {
		t.Fatal(err)
	}
	value, _ := out.Item["value"].(*types.AttributeValueMemberS)
	if value == nil {
		return ""
	}
	return value.Value
}

func TestATornLastLineIsCut(t *testing.T) {
	dir := t.TempDir()
	client, closeIt := start(t, dir, time.Now)
	storeIn(t, client)
	put(t, client, "a", "one")
	put(t, client, "b", "two")
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "dynamodb.log")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for _, length := range []int{last + 1, last + 9, (last + len(whole)) / 2, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		client, closeIt := start(t, dir, time.Now)
		if a, b := valueOf(t, client, "a"), valueOf(t, client, "b"); a != "one" || b != "" {
			t.Errorf("cut at %d of %d: a = %q, b = %q; want a alone", length, len(whole), a, b)
		}
		put(t, client, "b", "again")
		if err := closeIt(); err != nil {
			t.Fatal(err)
		}
		client, closeIt = start(t, dir, time.Now)
		if b := valueOf(t, client, "b"); b != "again" {
			t.Errorf("cut at %d: what was written after is %q", length, b)
		}
		if err := closeIt(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADamagedLineInTheMiddleIsRefused(t *testing.T) {
	dir := t.TempDir()
	client, closeIt := start(t, dir, time.Now)
	storeIn(t, client)
	put(t, client, "a", "one")
	put(t, client, "b", "two")
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "dynamodb.log")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(whole, []byte(`"one"`), []byte(`"0ne"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = dynamodb.New(dynamodb.Options{Dir: dir, Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "wrong checksum") {
		t.Errorf("got %v, want wrong checksum", err)
	}
}

func TestALongLogIsCompactedAtTheStart(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dynamodb.log")
	client, closeIt := start(t, dir, time.Now)
	storeIn(t, client)
	for i := range 1200 {
		put(t, client, fmt.Sprint("item", i%10), fmt.Sprint("value", i))
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		client, closeIt = start(t, dir, time.Now)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(content, []byte("\n")); lines != 11 {
			t.Errorf("the log has %d lines, want the table and ten items", lines)
		}
		for i := range 10 {
			if got, want := valueOf(t, client, fmt.Sprint("item", i)), fmt.Sprint("value", 1190+i); got != want {
				t.Errorf("item %d is %q, want %q", i, got, want)
			}
		}
		if err := closeIt(); err != nil {
			t.Fatal(err)
		}
	}
}

// The engine gives an empty list back without its type, so that a log made
// from what it gives would lose it.
func TestALogThatCanNotBeCompactedIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dynamodb.log")
	client, closeIt := start(t, dir, time.Now)
	storeIn(t, client)
	for i := range 1100 {
		put(t, client, "item", fmt.Sprint("value", i))
	}
	if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("mayfly"), Item: map[string]types.AttributeValue{
		"pk": text("empty"), "sk": text("s"), "value": text("there"), "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	}}); err != nil {
		t.Fatal(err)
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
	client, _ = start(t, dir, time.Now)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(content, []byte("\n")); lines != 1102 {
		t.Errorf("the log has %d lines, want all 1102", lines)
	}
	if got := valueOf(t, client, "item"); got != "value1099" {
		t.Errorf("the item is %q", got)
	}
}
