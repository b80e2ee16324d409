package lambda_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/lambda"
)

// TestMain lets the test binary be its own bootstrap: started with _HANDLER,
// as Lambda starts one, it is the function.
func TestMain(m *testing.M) {
	if os.Getenv("_HANDLER") != "" {
		awslambda.Start(handle)
		return
	}
	goleak.VerifyTestMain(m)
}

type request struct {
	Do   string `json:"do"`
	Text string `json:"text"`
}

type response struct {
	Text string `json:"text"`
	PID  int    `json:"pid"`
}

func handle(ctx context.Context, in request) (response, error) {
	switch in.Do {
	case "fail":
		return response{}, messages.InvokeResponse_Error{Type: "NotSettled", Message: in.Text}
	case "trace":
		return response{}, messages.InvokeResponse_Error{Type: "Traced", StackTrace: []*messages.InvokeResponse_Error_StackFrame{{Path: "main.go", Line: 7, Label: "main"}}}
	case "client":
		lc, _ := lambdacontext.FromContext(ctx)
		return response{Text: lc.ClientContext.Custom[in.Text]}, nil
	case "plain":
		return response{}, errors.New(in.Text)
	case "exit":
		os.Exit(3)
	case "panic":
		panic(in.Text)
	case "hang":
		<-ctx.Done()
		return response{}, ctx.Err()
	}
	return response{Text: strings.ToUpper(in.Text), PID: os.Getpid()}, nil
}

// modes runs a test with functions in process and as processes.
func modes(t *testing.T, timeout time.Duration, test func(*testing.T, *lambda.Service)) {
	service := func() *lambda.Service {
		var n atomic.Int64
		return lambda.New(lambda.Options{Timeout: timeout, RequestID: func() string { return "req-" + strconv.FormatInt(n.Add(1), 10) }})
	}
	t.Run("in process", func(t *testing.T) {
		s := service()
		s.Register("mayfly-echo", lambda.InProcess(handle))
		test(t, s)
	})
	t.Run("as processes", func(t *testing.T) {
		pool, err := lambda.NewPool(lambda.ProcessOptions{Stderr: io.Discard, MaxInstances: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := pool.Close(); err != nil {
				t.Error(err)
			}
		}()
		s := service()
		s.Register("mayfly-echo", pool.Function("mayfly-echo", os.Args[0]))
		test(t, s)
	})
}

const echo = "arn:aws:lambda:us-east-1:000000000000:function:mayfly-echo"

func TestInvoke(t *testing.T) {
	modes(t, time.Minute, func(t *testing.T, s *lambda.Service) {
		for _, tc := range []struct {
			name, function, payload string
			want, wantType, wantMsg string
		}{
			{name: "by ARN", function: echo, payload: `{"text":"hi"}`, want: `"text":"HI"`},
			{name: "by ARN with a qualifier", function: echo + ":live", payload: `{"text":"hi"}`, want: `"text":"HI"`},
			{name: "by name", function: "mayfly-echo", payload: `{"text":"hi"}`, want: `"text":"HI"`},
			{name: "a named error keeps its name", function: echo, payload: `{"do":"fail","text":"wait"}`, wantType: "NotSettled", wantMsg: "wait"},
			{name: "an unnamed error has its type's name", function: echo, payload: `{"do":"plain","text":"no"}`, wantType: "errorString", wantMsg: "no"},
			{name: "input of the wrong type", function: echo, payload: `{"text":3}`, wantType: "UnmarshalTypeError", wantMsg: "text"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				result, err := s.Invoke(t.Context(), tc.function, []byte(tc.payload))
				if tc.wantType == "" {
					if err != nil || !strings.Contains(string(result), tc.want) {
						t.Fatalf("got %s, %v", result, err)
					}
					return
				}
				var failed *lambda.FunctionError
				if !errors.As(err, &failed) || failed.Type != tc.wantType || !strings.Contains(failed.Message, tc.wantMsg) {
					t.Fatalf("got %v, want type %s", err, tc.wantType)
				}
			})
		}
	})
}

func TestAFunctionsStackTraceAndItsCallersContextAreHandedOn(t *testing.T) {
	modes(t, time.Minute, func(t *testing.T, s *lambda.Service) {
		_, err := s.Invoke(t.Context(), echo, []byte(`{"do":"trace"}`))
		var failed *lambda.FunctionError
		if want := `{"errorMessage":"","errorType":"Traced","stackTrace":[{"path":"main.go","line":7,"label":"main"}]}`; !errors.As(err, &failed) || string(failed.Payload()) != want {
			t.Errorf("got %v, payload %s", err, failed.Payload())
		}
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{ClientContext: lambdacontext.ClientContext{Custom: map[string]string{"k": "v"}}})
		result, err := s.Invoke(ctx, echo, []byte(`{"do":"client","text":"k"}`))
		if err != nil || !strings.Contains(string(result), `"text":"v"`) {
			t.Errorf("got %s, %v", result, err)
		}
	})
}

func TestInvokeUnknownFunction(t *testing.T) {
	s := lambda.New(lambda.Options{RequestID: func() string { return "r" }})
	_, err := s.Invoke(t.Context(), "nobody", []byte("{}"))
	var missing *lambda.NotFoundError
	if !errors.As(err, &missing) {
		t.Fatalf("got %v", err)
	}
	if err := s.Find("nobody"); !errors.As(err, &missing) {
		t.Errorf("it was found: %v", err)
	}
	s.Register("somebody", lambda.InProcess(handle))
	if err := s.Find("somebody"); err != nil {
		t.Error(err)
	}
}

func TestTimeoutEndsTheInvocation(t *testing.T) {
	modes(t, 300*time.Millisecond, func(t *testing.T, s *lambda.Service) {
		_, err := s.Invoke(t.Context(), echo, []byte(`{"do":"hang"}`))
		var failed *lambda.FunctionError
		if !errors.As(err, &failed) {
			t.Fatalf("got %v", err)
		}
		// A process may report its own deadline just before it is killed.
		if failed.Type != "Sandbox.Timedout" && failed.Type != "deadlineExceededError" && failed.Type != "DeadlineExceededError" {
			t.Fatalf("got %v", err)
		}
	})
}

func TestCrashFailsOneInvocationOnly(t *testing.T) {
	pool, err := lambda.NewPool(lambda.ProcessOptions{Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	s := lambda.New(lambda.Options{RequestID: func() string { return "r" }})
	s.Register("mayfly-echo", pool.Function("mayfly-echo", os.Args[0]))
	for _, do := range []string{"exit", "panic"} {
		_, err = s.Invoke(t.Context(), echo, fmt.Appendf(nil, `{"do":%q,"text":"boom"}`, do))
		var failed *lambda.FunctionError
		if !errors.As(err, &failed) {
			t.Fatalf("%s: got %v", do, err)
		}
		if result, err := s.Invoke(t.Context(), echo, []byte(`{"text":"again"}`)); err != nil || !bytes.Contains(result, []byte("AGAIN")) {
			t.Fatalf("after %s: got %s, %v", do, result, err)
		}
	}
}

func TestProcessesAreReusedAndBounded(t *testing.T) {
	pool, err := lambda.NewPool(lambda.ProcessOptions{Stderr: io.Discard, MaxInstances: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	var n atomic.Int64
	s := lambda.New(lambda.Options{RequestID: func() string { return strconv.FormatInt(n.Add(1), 10) }})
	s.Register("mayfly-echo", pool.Function("mayfly-echo", os.Args[0]))
	var pids sync.Map
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			result, err := s.Invoke(t.Context(), echo, []byte(`{"text":"x"}`))
			if err != nil {
				t.Error(err)
			}
			pids.Store(string(result), true)
		})
	}
	wg.Wait()
	count := 0
	pids.Range(func(any, any) bool { count++; return true })
	if count < 1 || count > 2 {
		t.Fatalf("%d processes served 20 invocations, want 1 or 2", count)
	}
}

func TestHTTP(t *testing.T) {
	s := lambda.New(lambda.Options{RequestID: func() string { return "r" }})
	s.Register("mayfly-echo", lambda.InProcess(handle))
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		header, want             string
	}{
		{"invoke", "POST", "/2015-03-31/functions/mayfly-echo/invocations", `{"text":"a"}`, 200, "", `"text":"A"`},
		{"a function's error", "POST", "/2015-03-31/functions/mayfly-echo/invocations", `{"do":"fail","text":"w"}`, 200, "Unhandled", `"errorType":"NotSettled"`},
		{"no such function", "POST", "/2015-03-31/functions/nobody/invocations", `{}`, 404, "", "Function not found"},
		{"not JSON", "POST", "/2015-03-31/functions/mayfly-echo/invocations", `{`, 400, "", "parse request body"},
		{"list", "GET", "/2015-03-31/functions/", "", 200, "", `"FunctionName":"mayfly-echo"`},
		{"not there", "PUT", "/2015-03-31/functions/x/code", "", 501, "", "has no PUT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, strings.NewReader(tc.body)))
			if w.Code != tc.status || w.Header().Get("X-Amz-Function-Error") != tc.header || !strings.Contains(w.Body.String(), tc.want) {
				t.Fatalf("got %d %q %s", w.Code, w.Header().Get("X-Amz-Function-Error"), w.Body)
			}
		})
	}
}

// TestAnswersOfOneFunctionAtOnceAreKeptApart: the runtime library hands out the
// buffer of an answer and gives it to the next one at once.
func TestAnswersOfOneFunctionAtOnceAreKeptApart(t *testing.T) {
	function := lambda.InProcess(func(_ context.Context, n int) (string, error) { return strings.Repeat(strconv.Itoa(n%10), n), nil })
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 500 {
				n := 1 + (worker*37+i*11)%200
				answer, err := function.Invoke(t.Context(), []byte(strconv.Itoa(n)))
				runtime.Gosched()
				if want := `"` + strings.Repeat(strconv.Itoa(n%10), n) + `"`; err != nil || string(answer) != want {
					t.Errorf("%d was answered %s, %v", n, answer, err)
					return
				}
			}
		})
	}
	all.Wait()
}
