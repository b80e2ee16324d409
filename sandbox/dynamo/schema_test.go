package dynamo_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	minidyn "github.com/truora/minidyn/server"

	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// older is a record as Mayfly wrote it before records said their version.
func older(name string) map[string]types.AttributeValue {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	return map[string]types.AttributeValue{
		"pk": text("sandbox#" + name), "sk": text("record"), "id": text("2exbmj54fg"), "owner": text("ann"), "phase": text("ready"),
		"all": text("sandbox"), "name": text(name), "version": &types.AttributeValueMemberN{Value: "3"}, "clean": &types.AttributeValueMemberBOOL{Value: true},
		"body": text(`{"id":"2exbmj54fg","name":"` + name + `","owner":"ann","phase":"ready","version":3,"spec":{"delivery":"cloudfront"}}`),
	}
}

// TestAnOlderRecordIsReadAndTakesTheNewForm when it is next written.
func TestAnOlderRecordIsReadAndTakesTheNewForm(t *testing.T) {
	db := serve(t, minidyn.NewServer())
	store := newStore(t, db, "mayfly")
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("mayfly"), Item: older("site")})
	must(t, err)
	there, err := store.Get(t.Context(), "site")
	must(t, err)
	if there.ID != "2exbmj54fg" || there.Owner != "ann" || there.Phase != sandbox.PhaseReady {
		t.Errorf("read %+v", there)
	}
	changed, err := store.Update(t.Context(), there.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Owner = "bob"
		return []sandbox.Event{{At: time.Now(), Type: sandbox.EventPhase, Phase: s.Phase, Message: "changed hands"}}, nil
	})
	must(t, err)
	if changed.Owner != "bob" || changed.ID != there.ID {
		t.Errorf("changed to %+v", changed)
	}
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("mayfly"), Key: map[string]types.AttributeValue{"pk": older("site")["pk"], "sk": older("site")["sk"]}})
	must(t, err)
	if version, ok := out.Item["schema"].(*types.AttributeValueMemberN); !ok || version.Value != "1" {
		t.Errorf("the record's schema is %v", out.Item["schema"])
	}
}

// TestANewerRecordIsRefused with what to do, and nothing is done to it.
func TestANewerRecordIsRefused(t *testing.T) {
	db := serve(t, minidyn.NewServer())
	store := newStore(t, db, "mayfly")
	newer := older("site")
	newer["schema"] = &types.AttributeValueMemberN{Value: "2"}
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("mayfly"), Item: newer})
	must(t, err)
	_, got := store.Get(t.Context(), "site")
	_, changed := store.Update(t.Context(), sandbox.Ref{Name: "site", ID: "2exbmj54fg"}, func(*sandbox.Sandbox) ([]sandbox.Event, error) {
		t.Error("a change was asked for")
		return nil, nil
	})
	claimed := store.Claim(t.Context(), site("another"), claimed)
	for what, err := range map[string]error{"get": got, "update": changed, "claim": claimed} {
		var refused *dynamo.NewerSchemaError
		if !errors.As(err, &refused) || refused.Version != 2 || !strings.Contains(err.Error(), "make deploy") {
			t.Errorf("%s: %v", what, err)
		}
	}
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("mayfly"), Key: map[string]types.AttributeValue{"pk": newer["pk"], "sk": newer["sk"]}})
	must(t, err)
	if body, ok := out.Item["body"].(*types.AttributeValueMemberS); !ok || body.Value != newer["body"].(*types.AttributeValueMemberS).Value {
		t.Errorf("the record is now %v", out.Item)
	}
}
