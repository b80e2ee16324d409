package dynamodb_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/class/classtest"
)

func TestTheClassesOfAWSWork(t *testing.T) {
	classtest.Run(t, func(t *testing.T) class.Store {
		client, _ := start(t, t.TempDir(), time.Now)
		return storeIn(t, client)
	})
}
