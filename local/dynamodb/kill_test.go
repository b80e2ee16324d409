package dynamodb_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/dynamodb"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// serveForEver is the process that the test below kills.
func serveForEver(dir string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	service, err := dynamodb.New(dynamodb.Options{Dir: dir, Now: time.Now, Region: "us-east-1", Account: "000000000000"})
	if err != nil {
		fail(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: service, ReadHeaderTimeout: time.Minute}
	fail(server.Serve(listener))
}

// startProcess starts the server as a process of its own.
func startProcess(t *testing.T, dir string) (url string, kill func()) {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), "MAYFLY_TEST_DYNAMODB_DIR="+dir)
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
	return strings.TrimSpace(line), func() {
		if err := process.Process.Kill(); err != nil {
			t.Error(err)
		}
		var exit *exec.ExitError // killed, as it should be
		if err := process.Wait(); err != nil && !errors.As(err, &exit) {
			t.Error(err)
		}
	}
}

// Four writers write events until the server is killed; what was answered must
// be there after the restart, and record and events must fit each other.
func TestNothingAnsweredIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	const name, id = "site", "aaaaaaaaaa"
	ref := sandbox.Ref{Name: name, ID: id}
	var answered atomic.Int64
	for round := range 4 {
		url, kill := startProcess(t, dir)
		client, closeIdle := clientOf(url)
		store := storeIn(t, client)
		if round == 0 {
			s := sandbox.Sandbox{ID: id, Name: name, Owner: "ann", Phase: sandbox.PhaseReady}
			if err := store.Claim(t.Context(), s, sandbox.Event{Type: sandbox.EventClaimed}); err != nil {
				t.Fatal(err)
			}
		}
		check(t, store, ref, answered.Load())
		writeUntilKilled(t, store, ref, &answered, answered.Load()+40, kill)
		closeIdle()
	}
	url, kill := startProcess(t, dir)
	client, closeIdle := clientOf(url)
	check(t, storeIn(t, client), ref, answered.Load())
	closeIdle()
	kill()
}

// writeUntilKilled kills the server as soon as enough writes were answered.
func writeUntilKilled(t *testing.T, store *dynamo.Store, ref sandbox.Ref, answered *atomic.Int64, enough int64, kill func()) {
	t.Helper()
	reached := make(chan struct{})
	var once sync.Once
	var stopped atomic.Bool
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for !stopped.Load() {
				_, err := store.Update(t.Context(), ref, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
					s.Attempt++
					return []sandbox.Event{{Type: sandbox.EventProgress}}, nil
				})
				switch {
				case err != nil && !stopped.Load():
					t.Errorf("update: %v", err)
					once.Do(func() { close(reached) })
					return
				case err == nil && answered.Add(1) >= enough:
					once.Do(func() { close(reached) })
				}
			}
		})
	}
	<-reached
	stopped.Store(true)
	kill()
	writers.Wait()
}

func check(t *testing.T, store *dynamo.Store, ref sandbox.Ref, answered int64) {
	t.Helper()
	s, err := store.Get(t.Context(), ref.Name)
	if err != nil {
		t.Fatal(err)
	}
	log, err := store.Events(t.Context(), ref, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if int64(s.Attempt) < answered {
		t.Errorf("%d writes are there, %d were answered", s.Attempt, answered)
	}
	if len(log) != s.Attempt+1 || s.EventSeq != int64(len(log)) || s.Version != int64(len(log)) {
		t.Errorf("%d writes, %d events, last event %d, version %d: they don't fit", s.Attempt, len(log), s.EventSeq, s.Version)
	}
}
