package kubernetes_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/steptest"
)

// TestTheTokenIsASignedQuestionToSTS: the parameters are those that EKS's
// authenticator lets through, and no other.
func TestTheTokenIsASignedQuestionToSTS(t *testing.T) {
	c := clustertest.New(t)
	_, err := connect(t, c).Get(t.Context(), web)
	steptest.WantError(t, err, "")
	encoded, ok := strings.CutPrefix(c.Token(), "k8s-aws-v1.")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil {
		t.Fatalf("the token is %q: %v", c.Token(), err)
	}
	question, err := url.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if question.Scheme != "https" || question.Host != "sts.eu-west-1.amazonaws.com" || question.Path != "/" {
		t.Errorf("it asks %s", question)
	}
	query := question.Query()
	for name, want := range map[string]string{
		"Action": "GetCallerIdentity", "Version": "2011-06-15", "X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
		"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Security-Token": "session",
	} {
		if got := query.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders"} {
		if !query.Has(name) {
			t.Errorf("it has no %s", name)
		}
		query.Del(name)
	}
	if len(query) != 0 {
		t.Errorf("the authenticator would refuse it for %v", query)
	}
}

// TestATokenIsForOneCluster: the name is under the signature.
func TestATokenIsForOneCluster(t *testing.T) {
	c := clustertest.New(t)
	eks := c.EKS()
	eks.Clusters["us"] = eks.Clusters[clustertest.Name]
	signatures := map[string]bool{}
	for _, name := range []string{clustertest.Name, "us"} {
		connected, err := kubernetes.NewClusters(eks, clustertest.Presigner()).Connect(t.Context(), name)
		steptest.WantError(t, err, "")
		defer connected.Close()
		_, err = connected.Get(t.Context(), web)
		steptest.WantError(t, err, "")
		signatures[c.Token()] = true
	}
	if len(signatures) != 2 {
		t.Errorf("one token is good for both")
	}
}
