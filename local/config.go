package local

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/night"
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
	// Night is when each night's work begins, such as "03:00 Europe/Berlin"
	// (see night.ParseHour), or "off".
	Night string
	// Reconcile is how often missed pushes are looked for.
	Reconcile time.Duration
	// MetricsDelay is how late CloudWatch tells AWS's own metrics. On AWS that
	// is minutes.
	MetricsDelay time.Duration
	// Functions says how functions run, and FunctionsDir where their
	// bootstraps are when they run as processes.
	Functions    Functions
	FunctionsDir string
	// Store says where records are; empty is SQLite, or DynamoDB for functions
	// that are processes, which share no memory with this one.
	Store Store
	// Users is the file of who may ask the API, and with which role (package
	// local/identity); without one, everybody who reaches it is an admin.
	Users string
	// EnforceIAM lets functions and machines do only what their roles on AWS allow.
	EnforceIAM bool
	// Foreign are services that images can be deployed to, and that are elsewhere.
	Foreign Foreign
	// Console, when set, makes the pages that the API's address shows browsers,
	// given the origin that archives are uploaded to.
	Console func(uploads string) (Pages, error)
	// ConsoleOrigins are the origins of other pages that may ask the API, as
	// access.CheckOrigin has them.
	ConsoleOrigins []string
	// Version is Mayfly's own.
	Version string
	Logger  *slog.Logger
	// FunctionOutput takes what function processes write.
	FunctionOutput io.Writer
	// Faults, when set, is what the AWS port injects; for tests.
	Faults *gateway.Faults
	// Now, when set, is the clock of Mayfly's own functions and API, of its
	// metrics and of EventBridge Scheduler; for tests.
	Now func() time.Time
	// Observe, when set, is told of each call to the AWS port; for tests.
	Observe func(gateway.Call)
	// Record, when set, is given each request to the AWS port; for tests.
	Record func(gateway.Recorded)
	// Asked, when set, is told what functions and machines ask of their roles
	// where those are enforced; for tests.
	Asked func(iam.Asked)
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

// NoNight is the night of an installation that has none.
const NoNight = "off"

// Functions says how functions run.
type Functions string

// The ways functions run.
const (
	InProcess Functions = "inprocess"
	Process   Functions = "process"
)

// Store says where the installation's records are.
type Store string

// The places of records.
const (
	SQLite   Store = "sqlite"
	DynamoDB Store = "dynamodb"
)

// store is where records are, chosen where nothing was said.
func (c Config) store() Store {
	switch {
	case c.Store != "":
		return c.Store
	case c.Functions == Process:
		return DynamoDB
	}
	return SQLite
}

// Default returns the configuration of `mayfly local` without flags.
func Default() Config {
	return Config{
		Data:         ".mayfly",
		APIAddress:   "127.0.0.1:8700",
		AWSAddress:   "127.0.0.1:4566",
		Propagation:  3 * time.Second,
		Night:        night.DefaultHour,
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
	if c.Store != "" && c.Store != SQLite && c.Store != DynamoDB {
		return fmt.Errorf("--store %q: must be sqlite or dynamodb", c.Store)
	}
	if c.store() == SQLite && c.Functions == Process {
		return fmt.Errorf("--store sqlite: functions that are processes share no memory with this one; leave it out, or use --functions=inprocess")
	}
	if c.Propagation < 0 || c.Propagation > time.Hour {
		return fmt.Errorf("--propagation %s: must be 0s to 1h", c.Propagation)
	}
	if c.MetricsDelay < 0 || c.MetricsDelay > 24*time.Hour {
		return fmt.Errorf("--metrics-delay %s: must be 0s to 24h", c.MetricsDelay)
	}
	if c.Night != NoNight {
		if _, err := night.ParseHour(c.Night, time.Now()); err != nil {
			return fmt.Errorf("--night: %w", err)
		}
	}
	for _, origin := range c.ConsoleOrigins {
		if err := access.CheckOrigin(origin); err != nil {
			return fmt.Errorf("--console-origin: %w", err)
		}
	}
	if c.Reconcile <= 0 {
		return fmt.Errorf("missed pushes can't be looked for every %s", c.Reconcile)
	}
	return c.Foreign.check()
}
