package wafv2_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/local/wafv2"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service with the real SDK in front of it.
type world struct {
	*sdk.Client
	service *wafv2.Service
	close   func()
}

func open(t *testing.T, o wafv2.Options) *world {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	service, err := wafv2.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	w := &world{service: service}
	w.Client = sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	w.close = func() {
		server.Close()
		if err := service.Close(); err != nil {
			t.Error(err)
		}
		w.close = func() {}
	}
	t.Cleanup(func() { w.close() })
	return w
}

func asked(name string) *sdk.CreateWebACLInput {
	return &sdk.CreateWebACLInput{
		Name: &name, Scope: types.ScopeCloudfront, Description: aws.String(firewall.Description("dev")),
		DefaultAction: &types.DefaultAction{Allow: &types.AllowAction{}}, Rules: firewall.Rules(),
		VisibilityConfig: firewall.Visibility(name), Tags: firewall.Tags("dev"),
	}
}

func (w *world) create(t *testing.T, name string) *types.WebACLSummary {
	t.Helper()
	out, err := w.CreateWebACL(t.Context(), asked(name))
	if err != nil {
		t.Fatal(err)
	}
	return out.Summary
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() == "" {
		t.Errorf("got %v, want %s", err, code)
	}
}
