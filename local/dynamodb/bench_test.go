package dynamodb_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/dynamodb"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// BenchmarkUpdate measures one step's note in the ledger as a function in a
// process of its own makes it: a read and a transaction over HTTP.
func BenchmarkUpdate(b *testing.B) {
	service, err := dynamodb.New(dynamodb.Options{Dir: b.TempDir(), Now: time.Now, Region: "us-east-1", Account: "000000000000"})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(service)
	client, closeIdle := clientOf(server.URL)
	defer func() {
		closeIdle()
		server.Close()
		if err := service.Close(); err != nil {
			b.Error(err)
		}
	}()
	if err := dynamo.CreateTable(b.Context(), client, "mayfly"); err != nil {
		b.Fatal(err)
	}
	store := dynamo.New(client, "mayfly", time.Now)
	s := sandbox.Sandbox{ID: "aaaaaaaaaa", Name: "bench", Owner: "ann", Phase: sandbox.PhaseProvisioning}
	if err := store.Claim(b.Context(), s, sandbox.Event{Type: sandbox.EventClaimed}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, err := store.Update(b.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			s.Attempt++
			return []sandbox.Event{{Type: sandbox.EventProgress, Step: "createbucket", Message: "one more"}}, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
