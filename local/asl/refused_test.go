package asl_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// TestADefinitionThatIsRefusedNowKeepsNothingFromStarting restores a journal of
// a version that accepted what this one refuses.
func TestADefinitionThatIsRefusedNowKeepsNothingFromStarting(t *testing.T) {
	kept := &memory{}
	e, err := asl.New(asl.Options{Journal: kept})
	if err != nil {
		t.Fatal(err)
	}
	const comment = `"Comment":"      "`
	definition := `{"StartAt":"M","States":{"M":{"Type":"Map",` + comment + `,"End":true,"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}}}}`
	running := startOne(t, e, definition, `[1,2]`)
	ended := startOne(t, e, definition, `[]`)
	sound := startOne(t, e, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}`, `{}`)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range kept.records {
		kept.records[i] = bytes.ReplaceAll(kept.records[i], []byte(comment), []byte(`"ItemBatcher":{}`))
	}
	// The executions name the machine by the digest of what it was.
	if e, err = asl.New(asl.Options{Journal: kept}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	result, err := e.Wait(t.Context(), running)
	if err != nil || result.Error != asl.ErrorRuntime || !strings.Contains(result.Cause, "'ItemBatcher' is only supported in DISTRIBUTED mode") {
		t.Errorf("%+v %v", result, err)
	}
	history, err := e.Events(running)
	if err != nil || len(history) != 8 || history[7].Type != "ExecutionFailed" {
		t.Errorf("%s %v", events(history), err)
	}
	if _, err := e.Redrive(running, ""); !errors.Is(err, asl.ErrNotRedrivable) {
		t.Errorf("redrive: %v", err)
	}
	if d, err := e.Describe(ended); err != nil || d.Status != asl.StatusSucceeded || string(d.Output) != "[]" {
		t.Errorf("%+v %v", d, err)
	}
	if d, err := e.Describe(sound); err != nil || d.Status != asl.StatusRunning {
		t.Errorf("%+v %v", d, err)
	}
}
