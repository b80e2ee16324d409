package sfn_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// BenchmarkStartExecution starts executions of two states through the API's
// handler, each durable when it is answered.
func BenchmarkStartExecution(b *testing.B) {
	dir := b.TempDir()
	log, err := journal.Open(filepath.Join(dir, "journal"), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	service, err := sfn.New(sfn.Options{
		Dir: dir, Engine: func(tasks asl.TaskRunner) (*asl.Engine, error) {
			return asl.New(asl.Options{Tasks: tasks, Journal: log})
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := service.Close(); err != nil {
			b.Error(err)
		}
	})
	call := func(target, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "AWSStepFunctions."+target)
		w := httptest.NewRecorder()
		if service.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	call("CreateStateMachine", `{"name":"flow","roleArn":"`+role+`","definition":"`+strings.ReplaceAll(passing, `"`, `\"`)+`"}`)
	const body = `{"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:flow","input":"{}"}`
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			call("StartExecution", body)
		}
	})
	b.Run("many", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				call("StartExecution", body)
			}
		})
	})
}
