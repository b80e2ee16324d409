package dynamodb_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/dynamodb"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
	"github.com/mayfly-dev/mayfly/sandbox/storetest"
)

// TestMain is also the server of the test that kills it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("MAYFLY_TEST_DYNAMODB_DIR"); dir != "" {
		serveForEver(dir)
	}
	goleak.VerifyTestMain(m)
}

// start opens dir and serves it until closeIt.
func start(t *testing.T, dir string, now func() time.Time) (client *sdk.Client, closeIt func() error) {
	t.Helper()
	service, err := dynamodb.New(dynamodb.Options{Dir: dir, Now: now, Region: "us-east-1", Account: "000000000000"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	client, idle := clientOf(server.URL)
	closeIt = func() error {
		idle()
		server.Close()
		return service.Close()
	}
	t.Cleanup(func() {
		if err := closeIt(); err != nil {
			t.Error(err)
		}
	})
	return client, closeIt
}

func clientOf(url string) (client *sdk.Client, closeIdle func()) {
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	return sdk.New(sdk.Options{
		BaseEndpoint: aws.String(url),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:   &http.Client{Transport: transport},
	}), transport.CloseIdleConnections
}

func storeIn(t *testing.T, client *sdk.Client) *dynamo.Store {
	t.Helper()
	if err := dynamo.CreateTable(t.Context(), client, "mayfly"); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, "mayfly", time.Now)
}

// The engine copies its whole table for each transaction, so the suite lists
// few sandboxes here; package dynamo lists more.
func TestTheStoreOfAWSWorks(t *testing.T) {
	storetest.Run(t, 200, func(t *testing.T) sandbox.Store {
		client, _ := start(t, t.TempDir(), time.Now)
		return storeIn(t, client)
	})
}

func TestWhatWasWrittenIsKept(t *testing.T) {
	dir := t.TempDir()
	storetest.Persist(t, func(t *testing.T) (sandbox.Store, func() error) {
		client, closeIt := start(t, dir, time.Now)
		return storeIn(t, client), closeIt
	})
}
