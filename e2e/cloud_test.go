package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/bus"
	"github.com/mayfly-dev/mayfly/local/gateway"
)

// cloud is a local cloud under test, with the clients that drive it.
type cloud struct {
	apiURL, awsURL string
	token          string // of who asks the API, where it asks who that is
	faults         *gateway.Faults
	calls          *calls
	events         *bus.Service
	stop           func() error
}

// start starts a local cloud on free ports. Its propagation is zero unless
// change says otherwise.
func start(t testing.TB, change func(*local.Config)) *cloud {
	t.Helper()
	config := local.Default()
	config.Data = t.TempDir()
	config.APIAddress, config.AWSAddress = "127.0.0.1:0", "127.0.0.1:0"
	config.Propagation = 0
	config.NoSync = true
	config.Version = "test"
	config.Faults = &gateway.Faults{}
	recorded := &calls{}
	config.Observe = recorded.add
	if err := asAsked(&config); err != nil {
		t.Fatal(err)
	}
	if testing.Verbose() {
		config.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	if change != nil {
		change(&config)
	}
	running, err := local.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{apiURL: running.APIURL, awsURL: running.AWSURL, faults: config.Faults, calls: recorded, events: running.Events(), stop: sync.OnceValue(running.Close)}
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Errorf("stop the local cloud: %v", err)
		}
	})
	return c
}

// aws returns a configuration for any AWS client, with keys of no meaning.
func (c *cloud) aws() aws.Config {
	return aws.Config{
		Region: local.Region, BaseEndpoint: aws.String(c.awsURL),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{}},
	}
}

func (c *cloud) s3() *s3.Client                 { return s3.NewFromConfig(c.aws()) }
func (c *cloud) cloudfront() *cloudfront.Client { return cloudfront.NewFromConfig(c.aws()) }
func (c *cloud) sfn() *sfn.Client               { return sfn.NewFromConfig(c.aws()) }

// get asks for a URL without credentials, as a browser does: a host under
// localhost is this machine.
func (c *cloud) get(t testing.TB, address string, header ...string) (int, http.Header, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.Host = u.Host
	r.URL.Host = "127.0.0.1:" + u.Port()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

// errStatus is an answer of the API that is an error.
type errStatus struct {
	status int
	body   string
}

func (e *errStatus) Error() string { return fmt.Sprintf("%d: %s", e.status, e.body) }

// api calls Mayfly's API. An answer of 400 and over is an *errStatus.
func (c *cloud) api(ctx context.Context, method, path string, in, out any) error {
	return c.apiAs(ctx, c.token, method, path, in, out)
}

// apiAs calls Mayfly's API with a bearer token, if it is not empty.
func (c *cloud) apiAs(ctx context.Context, token, method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.apiURL+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		return &errStatus{response.StatusCode, string(text)}
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

// status returns the status of an API error, 0 for none.
func status(err error) int {
	var e *errStatus
	if errors.As(err, &e) {
		return e.status
	}
	return 0
}

// patience is how long a test waits for what is to come before it says that it
// will not: long enough for a machine that is busy with much else.
const patience = 5 * time.Minute

// eventually asks until done says yes. There is no sleep: asking is itself
// what takes the time.
func eventually(t testing.TB, what string, done func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within %s; last: %v", what, patience, err)
		}
	}
}

// calls records what was asked of the AWS port.
type calls struct {
	mu  sync.Mutex
	all []gateway.Call
}

func (c *calls) add(call gateway.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, call)
}

// take returns what was recorded since the last take.
func (c *calls) take() []gateway.Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.all
	c.all = nil
	return taken
}

// mayfly builds the command once, and returns its path.
var mayfly = sync.OnceValues(func() (string, error) { return build("mayfly", "./cmd/mayfly") })

// bootstraps returns the folder that --functions-dir takes: the one of the
// flag, or one in which every function is built for this machine, once.
var bootstraps = sync.OnceValues(func() (string, error) {
	if *functionsDirFlag != "" {
		return filepath.Abs(*functionsDirFlag)
	}
	mains, err := filepath.Glob("../functions/*/lambda")
	if err != nil {
		return "", err
	}
	var all sync.WaitGroup
	failed := make([]error, len(mains))
	free := make(chan struct{}, runtime.NumCPU())
	for i, main := range mains {
		step := filepath.Base(filepath.Dir(main))
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			_, failed[i] = build(filepath.Join("functions", step, "bootstrap"), "./functions/"+step+"/lambda")
		})
	}
	all.Wait()
	return filepath.Join(scratch, "functions"), errors.Join(failed...)
})

func build(name, pkg string) (string, error) {
	path := filepath.Join(scratch, name)
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", path, pkg)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", pkg, err, out)
	}
	return path, nil
}

// scratch is a folder for what the tests build; TestMain makes and removes it.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	var err error
	if scratch, err = os.MkdirTemp("", "mayfly-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	if *recordFlag != "" {
		if requests, err = recordTo(*recordFlag); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() {
			if err := requests.close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	code := m.Run()
	if *proveFlag {
		if err := asked.prove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}
