package settings_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// TestEverySettingIsExplained in docs/stack.md, and only those that there are.
func TestEverySettingIsExplained(t *testing.T) {
	page, err := os.ReadFile("../../docs/stack.md")
	if err != nil {
		t.Fatal(err)
	}
	_, err = settings.Parse(map[string]any{"mayfly:?": "x"}, now)
	if err == nil {
		t.Fatal("an unknown setting is accepted")
	}
	_, list, _ := strings.Cut(err.Error(), "there are ")
	known := strings.Split(list, ", ")
	for _, name := range known {
		if !strings.Contains(string(page), "`mayfly:"+name+"`") {
			t.Errorf("docs/stack.md does not explain mayfly:%s", name)
		}
	}
	if explained := strings.Count(string(page), "`mayfly:"); explained != len(known)+1 { // and the prefix by itself
		t.Errorf("docs/stack.md names %d settings, there are %d", explained-1, len(known))
	}
}
