package bus_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("MAYFLY_TEST_BUS_DIR"); dir != "" {
		serveForEver(dir)
	}
	goleak.VerifyTestMain(m)
}
