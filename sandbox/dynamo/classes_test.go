package dynamo_test

import (
	"testing"

	minidyn "github.com/truora/minidyn/server"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/class/classtest"
)

func TestClassesOverMinidyn(t *testing.T) {
	classtest.Run(t, func(t *testing.T) class.Store { return newStore(t, serve(t, minidyn.NewServer()), "mayfly") })
}
