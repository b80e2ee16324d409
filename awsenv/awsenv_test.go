package awsenv_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
)

func TestClientsAskWhereTheEnvironmentSays(t *testing.T) {
	var path, signed, token string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, signed, token = r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
		w.WriteHeader(http.StatusOK)
	}))
	defer server.Close()
	env := map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_ENDPOINT_URL": server.URL,
	}
	config, err := awsenv.Config(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	bucket := "uploads"
	if _, err := s3.NewFromConfig(config).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if path != "/uploads" || token != "token" || !strings.Contains(signed, "Credential=AKID/") || !strings.Contains(signed, "/eu-west-1/s3/") {
		t.Errorf("asked for %q, signed %q with token %q", path, signed, token)
	}
	for missing := range maps.Clone(env) {
		without := maps.Clone(env)
		delete(without, missing)
		_, err := awsenv.Config(func(name string) string { return without[name] })
		if optional := missing == "AWS_SESSION_TOKEN" || missing == "AWS_ENDPOINT_URL"; (err == nil) != optional || err != nil && !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
