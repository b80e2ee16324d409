package bus_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/mayfly-dev/mayfly/local/bus"
)

const delivered = "delivered"

// serveForEver is the process that the test below kills: a bus whose target
// writes the IDs of its events to a file, and now and then fails at first.
func serveForEver(dir string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	file, err := os.OpenFile(filepath.Join(dir, delivered), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		fail(err)
	}
	var mu sync.Mutex
	n := 0
	service, err := bus.New(bus.Options{Dir: filepath.Join(dir, "bus"), NoSync: true, Targets: targetFunc(func(_ context.Context, d bus.Delivery) error {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%3 == 0 && d.Attempt == 1 {
			return errDown
		}
		_, err := fmt.Fprintln(file, d.EventID)
		return err
	})})
	if err != nil {
		fail(err)
	}
	service.Start()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: service, ReadHeaderTimeout: time.Minute}
	fail(server.Serve(listener))
}

// startProcess starts the bus as a process of its own.
func startProcess(t *testing.T, dir string) (client *api.Client, kill func()) {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), "MAYFLY_TEST_BUS_DIR="+dir)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the process said %q: %v", line, err)
	}
	transport := &http.Transport{}
	client = api.New(api.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(strings.TrimSpace(line)), HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return client, func() {
		if err := process.Process.Kill(); err != nil {
			t.Error(err)
		}
		var exit *exec.ExitError // killed, as it should be
		if err := process.Wait(); err != nil && !errors.As(err, &exit) {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	}
}

// Writers put events until the process is killed, several times; each event that
// was acknowledged reaches the target in the end.
func TestNoAcceptedEventIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	dir := t.TempDir()
	var mu sync.Mutex
	accepted := map[string]bool{}
	for round := range 4 {
		client, kill := startProcess(t, dir)
		if round == 0 {
			target := function("f")
			(&driver{Client: client}).rule(t, "", "r", `{"source": ["app"]}`, target)
		}
		enough, stop := len(accepted)+60, make(chan struct{})
		var once sync.Once
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for {
					out, err := client.PutEvents(t.Context(), &api.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry("app", "t", "{}"), entry("app", "t", "{}")}})
					if err != nil {
						return // killed
					}
					mu.Lock()
					for _, e := range out.Entries {
						accepted[*e.EventId] = true
					}
					if len(accepted) >= enough {
						once.Do(func() { close(stop) })
					}
					mu.Unlock()
				}
			})
		}
		<-stop
		kill()
		writers.Wait()
	}
	_, kill := startProcess(t, dir)
	defer kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for missing := -1; missing != 0; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%d of %d events are missing", missing, len(accepted))
		}
		text, err := os.ReadFile(filepath.Join(dir, delivered))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, id := range strings.Fields(string(text)) {
			got[id] = true
		}
		missing = 0
		for id := range accepted {
			if !got[id] {
				missing++
			}
		}
	}
}

func folderSize(t *testing.T, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
