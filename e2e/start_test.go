package e2e_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local"
)

// TestAStartThatCannotBeSaysWhy: one line that says what to do, and nothing
// left open.
func TestAStartThatCannotBeSaysWhy(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()

	newer, other, damaged, sqlite := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	for dir, label := range map[string]string{newer: `{"format":99,"functions":"inprocess"}`, other: `{"format":1,"functions":"process"}`, damaged: `{`, sqlite: `{"format":1,"functions":"inprocess","store":"sqlite"}`} {
		if err := os.WriteFile(filepath.Join(dir, "mayfly.json"), []byte(label), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*local.Config)
		want   []string
	}{
		{"the API's port is taken", func(c *local.Config) { c.APIAddress = address }, []string{address, "in use", "--api"}},
		{"the AWS port is taken", func(c *local.Config) { c.AWSAddress = address }, []string{address, "in use", "--aws"}},
		{"an address that is none", func(c *local.Config) { c.APIAddress = "8700" }, []string{"--api", "HOST:PORT"}},
		{"a data folder from a newer Mayfly", func(c *local.Config) { c.Data = newer }, []string{newer, "newer Mayfly"}},
		{"a data folder of the other mode", func(c *local.Config) { c.Data = other }, []string{other, "--functions=process"}},
		{"a damaged label", func(c *local.Config) { c.Data = damaged }, []string{damaged, "not a Mayfly label"}},
		{"no such way to run functions", func(c *local.Config) { c.Functions = "docker" }, []string{"--functions", "inprocess or process"}},
		{"no such store", func(c *local.Config) { c.Store = "paper" }, []string{"--store", "sqlite or dynamodb"}},
		{"processes with SQLite", func(c *local.Config) { c.Functions, c.Store = local.Process, local.SQLite }, []string{"--store sqlite", "--functions=inprocess"}},
		{"a data folder of the other store", func(c *local.Config) { c.Data, c.Store = sqlite, local.DynamoDB }, []string{sqlite, "--store=sqlite"}},
		{"functions that are not built", func(c *local.Config) { c.Functions, c.FunctionsDir = local.Process, t.TempDir() }, []string{"make host"}},
		{"metrics from the future", func(c *local.Config) { c.MetricsDelay = -1 }, []string{"--metrics-delay"}},
		{"a propagation of the past", func(c *local.Config) { c.Propagation = -1 }, []string{"--propagation"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config := local.Default()
			config.Data, config.APIAddress, config.AWSAddress = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0"
			tc.change(&config)
			running, err := local.Start(t.Context(), config)
			if err == nil {
				t.Error(running.Close())
				t.Fatal("it started")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

// TestADataFolderIsForOneProcess: a second cloud on it is refused, and may
// have it once the first has stopped.
func TestADataFolderIsForOneProcess(t *testing.T) {
	data := t.TempDir()
	first := start(t, func(c *local.Config) { c.Data = data })
	config := local.Default()
	if err := asAsked(&config); err != nil {
		t.Fatal(err)
	}
	config.Data, config.APIAddress, config.AWSAddress = data, "127.0.0.1:0", "127.0.0.1:0"
	if _, err := local.Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), "in use by another mayfly") {
		t.Fatalf("a second cloud on the same folder: %v", err)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second, err := local.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}
