//go:build peers

package e2e_test

import (
	"encoding/base64"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
)

// conformanceSuite is the OCI's own test of registries.
const conformanceSuite = "github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111"

var failures = regexp.MustCompile(`(?m)^\s*(FAIL|Error|Total)\.+: +([0-9]+)$`)

// TestConformance runs the OCI's conformance suite. ECR has no sha512, and
// deletes layers by itself.
func TestConformance(t *testing.T) {
	c := start(t, nil)
	for _, name := range []string{"conformance/repo1", "conformance/repo2"} {
		if _, err := c.ecr().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	login, err := c.ecr().GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := base64.StdEncoding.DecodeString(*login.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		t.Fatal(err)
	}
	_, password, _ := strings.Cut(string(decoded), ":")
	suite := exec.CommandContext(t.Context(), "go", "run", conformanceSuite)
	suite.Dir = t.TempDir()
	suite.Env = append(os.Environ(), "OCI_REGISTRY="+strings.TrimPrefix(*login.AuthorizationData[0].ProxyEndpoint, "http://"), "OCI_TLS=disabled",
		"OCI_USERNAME=AWS", "OCI_PASSWORD="+password, "OCI_RESULTS_DIR="+t.TempDir(), "OCI_DATA_SHA512=false", "OCI_API_BLOBS_DELETE=false",
		"OCI_API_BLOBS_UPLOAD_CANCEL=true", "OCI_API_BLOBS_DIGEST_HEADER=true", "OCI_API_MANIFESTS_DIGEST_HEADER=true")
	out, err := suite.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	counted := map[string]string{}
	for _, found := range failures.FindAllSubmatch(out, -1) {
		counted[string(found[1])] = string(found[2])
	}
	if counted["FAIL"] != "0" || counted["Error"] != "0" || counted["Total"] == "" || counted["Total"] == "0" {
		t.Errorf("counted %v\n%s", counted, out)
	}
	t.Logf("%s checks", counted["Total"])
}
