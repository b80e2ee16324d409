package local

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/mayfly-dev/mayfly/local/gateway"
)

// The account and region of the cloud on one machine.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// Config says how a local cloud runs. Its zero value is not usable; see
// Default.
type Config struct {
	// Data is the folder that holds everything.
	Data string
	// APIAddress and AWSAddress are where Mayfly's API and the AWS services
	// listen.
	APIAddress string
	AWSAddress string
	// Propagation is how long CloudFront takes from InProgress to Deployed.
	Propagation time.Duration
	// Reconcile is how often missed pushes are looked for.
	Reconcile time.Duration
	// MetricsDelay is how late CloudWatch tells AWS's own metrics. On AWS that
	// is minutes.
	MetricsDelay time.Duration
	// Functions says how functions run, and FunctionsDir where their
	// bootstraps are when they run as processes.
	Functions    Functions
	FunctionsDir string
	// Version is Mayfly's own.
	Version string
	Logger  *slog.Logger
	// FunctionOutput takes what function processes write.
	FunctionOutput io.Writer
	// Faults, when set, is what the AWS port injects; for tests.
	Faults *gateway.Faults
	// Observe, when set, is told of each call to the AWS port; for tests.
	Observe func(gateway.Call)
	// ForeignBuckets are bucket names that other accounts hold; for tests.
	ForeignBuckets []string
	// Quotas replace AWS's where they are not zero.
	Quotas Quotas
	// NoSync leaves it to the operating system when the engine's journal
	// reaches the disk: safe when the process is killed, not when the machine
	// loses power.
	NoSync bool
}

// Quotas are the limits of the local account that a test or a demonstration
// may want small.
type Quotas struct {
	Buckets, Distributions, OriginAccessIdentities, Repositories int
}

// Functions says how functions run.
type Functions string

// The ways functions run.
const (
	InProcess Functions = "inprocess"
	Process   Functions = "process"
)

// Default returns the configuration of `mayfly local` without flags.
func Default() Config {
	return Config{
		Data:         ".mayfly",
		APIAddress:   "127.0.0.1:8700",
		AWSAddress:   "127.0.0.1:4566",
		Propagation:  3 * time.Second,
		Reconcile:    5 * time.Minute,
		Functions:    InProcess,
		FunctionsDir: "build/host",
		Logger:       slog.New(slog.DiscardHandler),

		FunctionOutput: io.Discard,
	}
}

func (c Config) check() error {
	for flag, address := range map[string]string{"--api": c.APIAddress, "--aws": c.AWSAddress} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("%s %q: must be HOST:PORT, such as 127.0.0.1:8700", flag, address)
		}
	}
	if c.Functions != InProcess && c.Functions != Process {
		return fmt.Errorf("--functions %q: must be inprocess or process", c.Functions)
	}
	if c.Propagation < 0 || c.Propagation > time.Hour {
		return fmt.Errorf("--propagation %s: must be 0s to 1h", c.Propagation)
	}
	if c.MetricsDelay < 0 || c.MetricsDelay > 24*time.Hour {
		return fmt.Errorf("--metrics-delay %s: must be 0s to 24h", c.MetricsDelay)
	}
	if c.Reconcile <= 0 {
		return fmt.Errorf("missed pushes can't be looked for every %s", c.Reconcile)
	}
	return nil
}
