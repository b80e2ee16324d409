package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// giveUp is how long a program may take to ask for work.
const giveUp = 30 * time.Second

// runtimeAPI is as much of Lambda's Runtime API as a function asks before its
// first invocation: it says that there was a question, and answers none.
type runtimeAPI struct {
	server  *http.Server
	address string
	asked   chan time.Time
}

func serve() (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	api := &runtimeAPI{address: listener.Addr().String(), asked: make(chan time.Time, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(_ http.ResponseWriter, r *http.Request) {
		api.asked <- time.Now()
		<-r.Context().Done()
	})
	api.server = &http.Server{Handler: mux, ReadHeaderTimeout: giveUp}
	go func() { _ = api.server.Serve(listener) }()
	return api, nil
}

func (a *runtimeAPI) close() { _ = a.server.Close() }

// program is one to be measured, and what was.
type program struct {
	name, path string
	took       []time.Duration
	resident   []int64 // bytes
}

func (p *program) median() time.Duration { return middle(p.took) }

// memory is the median in MiB.
func (p *program) memory() float64 { return float64(middle(p.resident)) / (1 << 20) }

// measure starts the program once.
func (p *program) measure(api *runtimeAPI) error {
	path, err := filepath.Abs(p.path)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	cmd := exec.CommandContext(ctx, path)
	cmd.Stderr = os.Stderr
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + api.address, "AWS_LAMBDA_FUNCTION_NAME=mayfly-bench-" + p.name, "_HANDLER=bootstrap",
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "MAYFLY_TABLE=mayfly",
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case at := <-api.asked:
		p.took = append(p.took, at.Sub(began))
	case err := <-ended:
		return fmt.Errorf("%s ended before it asked for work: %w", p.name, errors.Join(err, ctx.Err()))
	}
	resident, err := residentBytes(cmd.Process.Pid)
	cancel()
	<-ended //nolint:errcheck // it was killed
	p.resident = append(p.resident, resident)
	return err
}

// residentBytes returns a process's memory as Linux counts it.
func residentBytes(pid int) (int64, error) {
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0, fmt.Errorf("memory of process %d: %q", pid, statm)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}
