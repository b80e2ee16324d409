package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestWhatARequestStartsIsInItsTrace: Lambda tells of the trace in the context,
// and Step Functions takes it as X-Ray's header.
func TestWhatARequestStartsIsInItsTrace(t *testing.T) {
	const header = "Root=1-5e1b4151-5ac6c58f3375f5e0b6b0a0e1;Parent=53995c3f42cd8ad8;Sampled=1"
	w := newWorld(t)
	for name, trace := range map[string]string{"traced": header, "untraced": ""} {
		request := httptest.NewRequest(http.MethodPost, "/v1/sandboxes", strings.NewReader(`{"name":"`+name+`"}`))
		request.Header.Set("Content-Type", "application/json")
		if trace != "" {
			request = request.WithContext(context.WithValue(request.Context(), "x-amzn-trace-id", trace)) //nolint:staticcheck // the Lambda runtime's own key
		}
		answer := httptest.NewRecorder()
		w.api.ServeHTTP(answer, request)
		if answer.Code != http.StatusAccepted {
			t.Fatalf("%d: %s", answer.Code, answer.Body)
		}
		if got := aws.ToString(w.machines.trace); got != trace {
			t.Errorf("%s: started with the trace header %q, want %q", name, got, trace)
		}
	}
}
