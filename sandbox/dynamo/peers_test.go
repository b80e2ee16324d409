//go:build peers

package dynamo_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/class/classtest"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
	"github.com/mayfly-dev/mayfly/sandbox/storetest"
)

// TestStoreOverDynamoDBLocal runs the suite against Amazon's own DynamoDB
// Local, which testdata/dynamodblocal.sh starts:
//
//	sandbox/dynamo/testdata/dynamodblocal.sh go test -tags peers -run DynamoDBLocal ./sandbox/dynamo
func TestStoreOverDynamoDBLocal(t *testing.T) {
	url := os.Getenv("DYNAMODB_LOCAL_URL")
	if url == "" {
		t.Fatal("DYNAMODB_LOCAL_URL is empty: run this through testdata/dynamodblocal.sh")
	}
	tables := 0 // each behaviour has a table of its own
	storetest.Run(t, storetest.Many, func(t *testing.T) sandbox.Store {
		transport := &http.Transport{MaxIdleConnsPerHost: 32}
		t.Cleanup(transport.CloseIdleConnections)
		tables++
		return newStore(t, client(url, transport), fmt.Sprintf("mayfly-%d", tables))
	})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	if err := dynamo.CreateTable(t.Context(), client(url, transport), "mayfly-1"); err != nil {
		t.Errorf("making a table that is there: %v", err)
	}
	for range 2 {
		if err := dynamo.EnableExpiry(t.Context(), client(url, transport), "mayfly-1"); err != nil {
			t.Error(err)
		}
	}
}

func TestClassesOverDynamoDBLocal(t *testing.T) {
	tables := 0 // each behaviour has a table of its own
	classtest.Run(t, func(t *testing.T) class.Store {
		transport := &http.Transport{MaxIdleConnsPerHost: 32}
		t.Cleanup(transport.CloseIdleConnections)
		tables++
		return newStore(t, client(os.Getenv("DYNAMODB_LOCAL_URL"), transport), fmt.Sprintf("classes-%d", tables))
	})
}
