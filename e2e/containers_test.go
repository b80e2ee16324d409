package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mayfly-dev/mayfly/events"
)

// TestContainerClients drives the registry by the container clients of this
// machine, as a new user would type it: from login to pull. What is not
// installed is skipped, and said.
func TestContainerClients(t *testing.T) {
	command, err := mayfly()
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, nil)
	registry := "localhost" + c.awsURL[strings.LastIndex(c.awsURL, ":"):]
	testscript.Run(t, testscript.Params{
		Dir: "testdata/containers", RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Values[scriptT{}] = env.T()
			for key, value := range map[string]string{
				"PATH":             filepath.Dir(command) + string(filepath.ListSeparator) + os.Getenv("PATH"),
				"HOME":             filepath.Join(env.WorkDir, "home"),
				"AWS_ENDPOINT_URL": c.awsURL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
				"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_CA_BUNDLE": "",
				"MAYFLY_API": c.apiURL,
				"REGISTRY":   registry, "EXAMPLE": filepath.Join(examples, "site"), "CONTAINERFILE": filepath.Join(examples, "Containerfile"), "PREVIEW": filepath.Join(examples, "ci", "preview.sh"),
				// Without a kernel's help: no overlays, no namespaces.
				"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot", "CONTAINERS_STORAGE_CONF": filepath.Join(env.WorkDir, "storage.conf"),
			} {
				env.Setenv(key, value)
			}
			storage := fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", filepath.Join(env.WorkDir, "storage"), filepath.Join(env.WorkDir, "run"))
			return os.WriteFile(filepath.Join(env.WorkDir, "storage.conf"), []byte(storage), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"repository": c.makeRepository,
			"pushed":     c.pushed,
			"shows":      c.scriptShows,
			"assume":     c.assume,
		},
	})
}

// scriptT is the key to the test that a script is.
type scriptT struct{}

// makeRepository makes a repository: repository NAME [MUTABILITY].
func (c *cloud) makeRepository(ts *testscript.TestScript, _ bool, args []string) {
	in := &ecr.CreateRepositoryInput{RepositoryName: &args[0]}
	if len(args) > 1 {
		in.ImageTagMutability = ecrtypes.ImageTagMutability(args[1])
	}
	_, err := c.ecr().CreateRepository(context.Background(), in)
	ts.Check(err)
}

// pushed sets a variable to the digest of an image: pushed VARIABLE NAME TAG.
func (c *cloud) pushed(ts *testscript.TestScript, _ bool, args []string) {
	out, err := c.ecr().DescribeImages(context.Background(), &ecr.DescribeImagesInput{RepositoryName: &args[1], ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: &args[2]}}})
	ts.Check(err)
	ts.Setenv(args[0], *out.ImageDetails[0].ImageDigest)
}

// scriptShows waits until a sandbox's site shows a file as its first page:
// shows NAME FILE.
func (c *cloud) scriptShows(ts *testscript.TestScript, _ bool, args []string) {
	t, ok := ts.Value(scriptT{}).(testing.TB)
	if !ok {
		ts.Fatalf("%T is no test", ts.Value(scriptT{}))
	}
	var box events.SandboxState
	ts.Check(c.api(context.Background(), "GET", "/v1/sandboxes/"+args[0], nil, &box))
	c.becomes(t, box.URL, ts.ReadFile(args[1]))
}

// assume makes what follows be done as a role that has one of AWS's policies:
// assume ROLE POLICY.
func (c *cloud) assume(ts *testscript.TestScript, _ bool, args []string) {
	role, policy, session := "arn:aws:iam::000000000000:role/"+args[0], "arn:aws:iam::aws:policy/"+args[1], "script"
	out, err := sts.NewFromConfig(c.aws()).AssumeRole(context.Background(), &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: &session, PolicyArns: []ststypes.PolicyDescriptorType{{Arn: &policy}},
	})
	ts.Check(err)
	ts.Setenv("AWS_ACCESS_KEY_ID", *out.Credentials.AccessKeyId)
	ts.Setenv("AWS_SECRET_ACCESS_KEY", *out.Credentials.SecretAccessKey)
	ts.Setenv("AWS_SESSION_TOKEN", *out.Credentials.SessionToken)
}
