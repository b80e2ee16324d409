package sfn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

func TestTheRegistrySurvivesBeingKilledWhileItWrites(t *testing.T) {
	dir := t.TempDir()
	c := start(t, dir, nil)
	arn := c.create(t, "flow", passing)
	if _, err := c.TagResource(t.Context(), &api.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}); err != nil {
		t.Fatal(err)
	}
	c.close()
	machines := filepath.Join(dir, "states", "machines")
	files, err := filepath.Glob(filepath.Join(machines, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, cut := range []string{files[0] + ".new", filepath.Join(machines, "other.json.new")} {
		if err := os.WriteFile(cut, []byte(`{"arn":"arn:aws:st`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c = start(t, dir, nil)
	tags, err := c.ListTagsForResource(t.Context(), &api.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil || len(tags.Tags) != 1 {
		t.Errorf("tags %+v, %v", tags, err)
	}
	if done := c.finish(t, c.run(t, arn, "", `{}`)); done.Status != types.ExecutionStatusSucceeded {
		t.Errorf("status %s", done.Status)
	}
	if left, err := filepath.Glob(filepath.Join(machines, "*.new")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestARegistryThatCannotBeReadIsSaidSo(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "machines"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "machines", "x.json"), []byte(`{`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sfn.New(sfn.Options{Dir: dir, Engine: func(tasks asl.TaskRunner) (*asl.Engine, error) { return asl.New(asl.Options{Tasks: tasks}) }})
	if err == nil || !strings.Contains(err.Error(), "x.json") {
		t.Errorf("error %v, want one that names the file", err)
	}
}
