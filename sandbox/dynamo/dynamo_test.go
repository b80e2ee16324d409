package dynamo_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	minidyn "github.com/truora/minidyn/server"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
	"github.com/mayfly-dev/mayfly/sandbox/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve returns a client of handler.
func serve(t *testing.T, handler http.Handler) *dynamodb.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return client(server.URL, transport)
}

func client(url string, transport *http.Transport) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:   &http.Client{Transport: transport},
	})
}

// newStore makes a table, and the store in it.
func newStore(t *testing.T, db *dynamodb.Client, table string) *dynamo.Store {
	t.Helper()
	if err := dynamo.CreateTable(t.Context(), db, table); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(db, table, time.Now)
}

func TestStoreOverMinidyn(t *testing.T) {
	// Minidyn copies its whole table for each transaction, so there are fewer
	// sandboxes to list: still pages that are read in more than one batch of 100.
	storetest.Run(t, 260, func(t *testing.T) sandbox.Store {
		return newStore(t, serve(t, minidyn.NewServer()), "mayfly")
	})
}

func TestCostsOverMinidyn(t *testing.T) {
	storetest.RunCosts(t, func(t *testing.T) cost.Store { return newStore(t, serve(t, minidyn.NewServer()), "mayfly") })
}

func TestNightsOverMinidyn(t *testing.T) {
	storetest.Nights(t, func(t *testing.T) night.Store { return newStore(t, serve(t, minidyn.NewServer()), "mayfly") })
}
