package pattern_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/pattern"
)

func TestOf(t *testing.T) {
	name := pattern.Of(`^[a-z]+$`)
	if first, second := name(), name(); first != second {
		t.Error("it is compiled again")
	}
	if !name().MatchString("hello") || name().MatchString("Hello") {
		t.Error("it matches something else")
	}
	broken := pattern.Of(`(`) // which nothing ends before it is used
	defer func() {
		if recover() == nil {
			t.Error("what is no expression is compiled")
		}
	}()
	broken()
}
