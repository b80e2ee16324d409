package settings_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

func TestContext(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "cdk.json")
	if err := os.WriteFile(file, []byte(`{"app": "x", "context": {"mayfly:stage": "dev", "mayfly:rate": 5}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(folder, "broken.json")
	if err := os.WriteFile(broken, []byte(`{`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file, handedOver string
		assignments      []string
		want             map[string]any
		fails            string
	}{
		"file":                  {file: file, want: map[string]any{"mayfly:stage": "dev", "mayfly:rate": 5.0}},
		"assignments over file": {file: file, assignments: []string{"mayfly:stage=prod", "mayfly:notify="}, want: map[string]any{"mayfly:stage": "prod", "mayfly:rate": 5.0, "mayfly:notify": ""}},
		"no file":               {file: filepath.Join(folder, "absent"), assignments: []string{"a=b=c"}, want: map[string]any{"a": "b=c"}},
		"handed over":           {file: file, handedOver: `{"mayfly:stage":"x"}`, want: map[string]any{"mayfly:stage": "x"}},
		"broken file":           {file: broken, fails: "broken.json"},
		"file is a folder":      {file: folder, fails: "read the settings"},
		"broken hand-over":      {file: file, handedOver: `{`, fails: "CDK_CONTEXT_JSON"},
		"no assignment":         {file: file, assignments: []string{"mayfly:stage"}, fails: "KEY=VALUE"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := settings.Context(test.file, test.handedOver, test.assignments)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("got %v, %v", got, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
