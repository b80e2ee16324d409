package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/gateway"
)

func TestADelayedCallIsMadeAfterTheDelayUnlessItsClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults, calls := &gateway.Faults{}, 0
		faults.Add(gateway.Fault{Service: "states", Operation: "StartExecution", Delay: time.Minute, Times: 2})
		handler := gateway.New(gateway.Options{Faults: faults, Services: map[string]gateway.Service{"states": {
			Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(http.StatusAccepted) }),
		}}})
		call := func(ctx context.Context) (int, time.Duration) {
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
			r.Header.Set("X-Amz-Target", "AWSStepFunctions.StartExecution")
			w, start := httptest.NewRecorder(), time.Now()
			handler.ServeHTTP(w, r)
			return w.Code, time.Since(start)
		}
		if status, took := call(t.Context()); status != http.StatusAccepted || took != time.Minute || calls != 1 {
			t.Errorf("delayed: %d after %s, %d calls", status, took, calls)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, took := call(impatient); took != time.Second || calls != 1 {
			t.Errorf("left: after %s, %d calls", took, calls)
		}
		if status, took := call(t.Context()); status != http.StatusAccepted || took != 0 || calls != 2 {
			t.Errorf("no longer delayed: %d after %s, %d calls", status, took, calls)
		}
	})
}
