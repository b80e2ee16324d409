package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/mayfly-dev/mayfly/"

// TestArrows holds the arrows between the packages, through everything that
// each one brings in: a lint rule sees direct imports alone.
func TestArrows(t *testing.T) {
	for _, rule := range []struct {
		from   string
		never  []string
		reason string
	}{
		{"events", []string{"golang.org/", "github.com/aws/", "github.com/oapi-codegen/"}, "events is the standard library alone"},
		{"metric", []string{"github.com/", "golang.org/"}, "what CDK, functions and the local cloud name alike is the standard library alone"},
		{"statemachine", []string{"github.com/", "golang.org/"}, "the definitions are data"},
		{"sandbox", []string{"github.com/aws/", module + "local/", module + "functions/"}, "the domain knows no cloud"},
		{"class", []string{"github.com/aws/", module + "local/", module + "functions/"}, "the domain knows no cloud"},
		{"functions/", []string{module + "local/", module + "cdk/", module + "statemachine/", module + "console/", module + "cmd/", module + "sandbox/sqlite/", "modernc.org/"}, "a function knows nothing of the local mode"},
		{"activity/", []string{module + "local/", module + "functions/", module + "statemachine/", module + "sandbox/sqlite/", "modernc.org/"}, "what tells of use is the domain's: functions and the local cloud use it"},
		{"activity", []string{"github.com/aws/"}, "all that decides by use would bring the clients that find it out; see activity/metered"},
		{"sandbox/dynamo", []string{"github.com/aws/aws-sdk-go-v2/service/cloudwatch/", "github.com/aws/aws-sdk-go-v2/service/ecr/", module + "activity/metered/"}, "each step has the store, and would start with clients that it has no use for"},
		{"local/cloudwatch/", []string{module + "functions/", module + "sandbox/", module + "activity/"}, "CloudWatch does not know what is measured"},
		{"local/asl/", []string{"github.com/aws/", module + "events/", module + "sandbox/", module + "functions/"}, "the engine is a library by itself"},
		{"local/edge/", []string{module + "functions/", module + "sandbox/"}, "the edge does not know whose sites it serves"},
		{"local/s3/", []string{module + "functions/", module + "sandbox/"}, "S3 does not know who uses it"},
	} {
		for _, p := range listed(t) {
			path := strings.TrimPrefix(p.ImportPath, module)
			if path != rule.from && (!strings.HasSuffix(rule.from, "/") || !strings.HasPrefix(path+"/", rule.from)) {
				continue
			}
			for _, dep := range p.Deps {
				for _, never := range rule.never {
					if strings.HasPrefix(dep+"/", never) {
						t.Errorf("%s depends on %s: %s", path, dep, rule.reason)
					}
				}
			}
		}
	}
}

// TestNoFunctionImportsAnother: each step is deployed and changed alone.
func TestNoFunctionImportsAnother(t *testing.T) {
	for _, p := range listed(t) {
		step, ok := strings.CutPrefix(p.ImportPath, module+"functions/")
		if !ok {
			continue
		}
		step, _, _ = strings.Cut(step, "/")
		for _, dep := range p.Deps {
			other, ok := strings.CutPrefix(dep, module+"functions/")
			if ok && other != step && !strings.HasPrefix(other, step+"/") {
				t.Errorf("step %s depends on step %s", step, other)
			}
		}
	}
}

type pkg struct {
	ImportPath string
	Deps       []string
}

// listed asks the go command for the packages of the house and all they bring
// in. The CDK app is left out: to load it is to download it.
func listed(t *testing.T) []pkg {
	t.Helper()
	found, err := goList(t, "-find", "./...")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-json=ImportPath,Deps"}
	for path := range strings.FieldsSeq(string(found)) {
		if path != module+"cdk" {
			args = append(args, path)
		}
	}
	out, err := goList(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

func goList(t *testing.T, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("go list: %w: %s", err, exit.Stderr)
	}
	return out, err
}
