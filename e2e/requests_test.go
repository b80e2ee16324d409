package e2e_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/mayfly-dev/mayfly/local/gateway"
)

// requests is where the suite's requests are recorded; nil when they are not.
var requests *requestFile

// requestFile has a JSON document for each request, on a line of its own. One
// that is the same as an earlier one is counted there only.
type requestFile struct {
	mu      sync.Mutex
	file    *os.File
	out     *bufio.Writer
	encoder *json.Encoder
	known   map[[sha256.Size]byte]bool
	sent    int
	failed  error
}

func recordTo(path string) (*requestFile, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("record requests: %w", err)
	}
	out := bufio.NewWriter(file)
	return &requestFile{file: file, out: out, encoder: json.NewEncoder(out), known: map[[sha256.Size]byte]bool{}}, nil
}

// add records a request without its signature, which no model speaks of, and
// which would make every request another one.
func (f *requestFile) add(r gateway.Recorded) {
	for _, name := range []string{"X-Amz-Date", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "User-Agent", "X-Amz-Content-Sha256", "X-Amzn-Trace-Id", "X-Amz-Security-Token"} {
		r.Header.Del(name)
	}
	if auth := r.Header.Get("Authorization"); auth != "" { // whose it is stays
		credential, _, _ := strings.Cut(auth, "/")
		r.Header.Set("Authorization", credential)
	}
	line, err := json.Marshal(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent++
	if f.failed = errors.Join(f.failed, err); f.failed != nil {
		return
	}
	sum := sha256.Sum256(line)
	if f.known[sum] {
		return
	}
	f.known[sum] = true
	f.failed = f.encoder.Encode(r)
}

// close writes how many requests there were as the last line.
func (f *requestFile) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := errors.Join(f.failed, f.encoder.Encode(map[string]int{"Sent": f.sent}), f.out.Flush(), f.file.Close())
	if err != nil {
		return fmt.Errorf("record requests: %w", err)
	}
	return nil
}
