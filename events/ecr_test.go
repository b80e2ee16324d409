package events_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

func TestECRImageEventSurvivesDecodeAndEncode(t *testing.T) {
	sample, err := os.ReadFile("testdata/ecr-image-action.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.ECRImageEvent
	if err := json.Unmarshal(sample, &event); err != nil {
		t.Fatal(err)
	}
	want := events.ECRImageEvent{
		Version: "0", ID: "13cde686-328b-6117-af20-0e5566167482",
		DetailType: events.ECRImageAction, Source: events.SourceECR,
		Account: "123456789012", Region: "us-west-2", Resources: []string{},
		Time: time.Date(2019, 11, 16, 1, 54, 34, 0, time.UTC),
		Detail: events.ECRImageDetail{
			Result: events.ECRSuccess, ActionType: events.ECRPush, RepositoryName: "my-repository-name", ImageTag: "latest",
			ImageDigest: "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234", // as AWS prints it: four digits short
		},
	}
	if !reflect.DeepEqual(event, want) {
		t.Errorf("decoded %+v", event)
	}
	again, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(document(t, again), document(t, sample)) {
		t.Errorf("encoded %s", again)
	}
}

func document(t *testing.T, text []byte) (all any) {
	t.Helper()
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// An image that was pushed by its digest has no tag, rather than an empty one.
func TestECRImageEventWithoutATag(t *testing.T) {
	text, err := json.Marshal(events.ECRImageDetail{
		Result: events.ECRFailure, ActionType: events.ECRDelete, RepositoryName: "site", ImageDigest: "sha256:00",
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"result":"FAILURE","repository-name":"site","image-digest":"sha256:00","action-type":"DELETE"}`
	if string(text) != want {
		t.Errorf("encoded %s, want %s", text, want)
	}
}
