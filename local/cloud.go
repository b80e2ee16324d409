package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
	"github.com/mayfly-dev/mayfly/local/asl/parquet"
	"github.com/mayfly-dev/mayfly/local/bus"
	"github.com/mayfly-dev/mayfly/local/cloudfront"
	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/local/edge"
	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/local/guard"
	"github.com/mayfly-dev/mayfly/local/httpapi"
	"github.com/mayfly-dev/mayfly/local/identity"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/meter"
	"github.com/mayfly-dev/mayfly/local/s3"
	"github.com/mayfly-dev/mayfly/local/scheduler"
	"github.com/mayfly-dev/mayfly/local/sfn"
	"github.com/mayfly-dev/mayfly/local/sts"
	"github.com/mayfly-dev/mayfly/local/wafv2"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Cloud is a running local cloud: the AWS services on one port, Mayfly's API
// on another, and everything they keep in one folder.
type Cloud struct {
	// APIURL and AWSURL are where it listens.
	APIURL string
	AWSURL string

	store   records
	storeOf func(clients) records
	trail   trail
	events  *bus.Service
	closers []func() error

	schedules *scheduler.Service
}

// Start starts a local cloud and returns once it serves; executions that an
// earlier process left go on from where they were. Its errors are one line for
// a person: an address that is taken, a data folder in use or too new.
func Start(ctx context.Context, config Config) (*Cloud, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	config.Store = config.store()
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Cloud{}
	if err := c.start(ctx, config); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close stops everything, in the reverse order of its start. What is under way
// goes on at the next start.
func (c *Cloud) Close() error {
	var failed []error
	for i := len(c.closers) - 1; i >= 0; i-- {
		failed = append(failed, c.closers[i]())
	}
	c.closers = nil
	return errors.Join(failed...)
}

// Store is the installation's store, for tests and inventories.
func (c *Cloud) Store() sandbox.Store { return c.store }

// Events is the installation's EventBridge, for tests to let things go wrong in.
func (c *Cloud) Events() *bus.Service { return c.events }

func (c *Cloud) onClose(do func() error) { c.closers = append(c.closers, do) }

func (c *Cloud) start(ctx context.Context, config Config) error {
	folder, err := openDataFolder(config.Data, config.Functions, config.Store)
	if err != nil {
		return err
	}
	c.onClose(folder.close)
	awsListener, err := c.listen("--aws", config.AWSAddress)
	if err != nil {
		return err
	}
	apiListener, err := c.listen("--api", config.APIAddress)
	if err != nil {
		return err
	}
	c.AWSURL = "http://" + awsListener.Addr().String()
	c.APIURL = "http://" + apiListener.Addr().String()

	aws := newClients(c.AWSURL, config.Foreign)
	cloud, err := c.services(folder, config, awsListener.Addr(), aws)
	if err != nil {
		return err
	}
	c.serve(cloud.edge.Listener(awsListener), cloud.handler, config.Logger)

	if c.storeOf, err = c.openStore(ctx, folder, config, aws); err != nil {
		return err
	}
	c.store = c.storeOf(aws)
	kept := sandbox.Store(c.store)
	c.trail.store.Store(&kept)
	if err := aws.install(ctx); err != nil {
		return err
	}
	if err := c.functions(config, aws, cloud, awsListener.Addr()); err != nil {
		return err
	}
	if err := c.machines(ctx, folder, config, cloud, aws); err != nil {
		return err
	}
	if err := aws.installTriggers(ctx); err != nil {
		return err
	}
	if err := aws.installNight(ctx, config.Night, config.Now()); err != nil {
		return err
	}
	c.reconcile(config, aws)
	c.estimate(config, aws)
	c.noteUses(config, aws, cloud.served)
	c.events.Start()
	c.schedules.Start()
	c.onClose(func() error {
		c.schedules.Stop()
		c.events.Stop()
		return nil
	})
	return c.api(ctx, config, aws.as(cloud.sessions.Keys("api")), apiListener, awsListener.Addr())
}

// services are the parts of the AWS port that others need.
type services struct {
	handler http.Handler
	edge    *edge.Edge
	lambda  *lambda.Service
	states  *late
	// sessions know the keys of functions, identities their roles.
	sessions   *sts.Sessions
	identities identities
	served     *meter.Meter
}

// services starts every AWS service but Step Functions: an engine goes on with
// its executions at once, and they need the others.
func (c *Cloud) services(folder *dataFolder, config Config, address net.Addr, aws clients) (*services, error) {
	metrics, served, err := c.watch(folder, config)
	if err != nil {
		return nil, err
	}
	var distributions *cloudfront.Service
	firewall, err := wafv2.New(wafv2.Options{
		Dir: folder.sub("wafv2"), Account: Account, InUse: func(arn string) bool { return distributions.NamesWebACL(arn) },
		Count: served.Inspected, Logger: config.Logger,
	})
	if err != nil {
		return nil, err
	}
	c.onClose(firewall.Close)
	distributions, err = cloudfront.New(cloudfront.Options{
		Dir: folder.sub("cloudfront"), Propagation: config.Propagation, WebACL: firewall.Exists, Logger: config.Logger,
		Quotas: cloudfront.Quotas{Distributions: config.Quotas.Distributions, OAIs: config.Quotas.OriginAccessIdentities},
	})
	if err != nil {
		return nil, err
	}
	c.onClose(distributions.Close)
	sessions, err := sts.OpenSessions(folder.sub("sts.key"), Account, rand.Reader, time.Now)
	if err != nil {
		return nil, err
	}
	objects, err := s3.New(s3.Options{Dir: folder.sub("s3"), Identities: distributions, Principals: sessions, BucketQuota: config.Quotas.Buckets, Log: config.Logger, Foreign: config.ForeignBuckets})
	if err != nil {
		return nil, err
	}
	c.onClose(func() error { return objects.Close(context.Background()) })
	c.every(lifecycleEvery, func(ctx context.Context) {
		if err := objects.RunLifecycle(ctx, time.Now()); err != nil {
			config.Logger.Error("the lifecycle rules of some buckets could not be run", "error", err)
		}
	})
	c.stored(config, objects, metrics)
	sites, err := edge.New(edge.Options{Distributions: distributions, Origin: origin{objects, distributions}, Firewall: firewall, Observe: served.Request, Logger: config.Logger})
	if err != nil {
		return nil, err
	}
	c.onClose(sites.Close)
	who := identities{}
	if config.EnforceIAM {
		if who, err = newIdentities(config.Asked); err != nil {
			return nil, err
		}
		who.know(sessions, append(slices.Collect(maps.Keys(steps{}.handlers())), "api"))
	}
	functions := lambda.New(lambda.Options{RequestID: rand.Text})
	queues, err := c.bus(folder, config, aws, functions)
	if err != nil {
		return nil, err
	}
	if err := c.scheduler(folder, config, aws, functions, queues); err != nil {
		return nil, err
	}
	images, err := c.registry(folder, config, address, sessions, imageEvents{c.events}, served)
	if err != nil {
		return nil, err
	}
	states := &late{}
	all := map[string]gateway.Service{
		"s3":            {Handler: objects, Operation: s3.Operation},
		"cloudfront":    {Handler: distributions, Operation: cloudfront.Operation},
		"lambda":        {Handler: functions, Operation: lambda.Operation},
		"states":        {Handler: states},
		"events":        {Handler: c.events},
		"scheduler":     {Handler: c.schedules, Operation: scheduler.Operation()},
		"sqs":           {Handler: queues},
		"ecr":           {Handler: images.API()},
		"ecr-public":    {Handler: images.PublicAPI()},
		"wafv2":         {Handler: firewall},
		"monitoring":    {Handler: upToDate(served, metrics), Operation: cloudwatch.Operation},
		"sts":           {Handler: sts.Handler{Account: Account, RequestID: rand.Text, Sessions: sessions}, Operation: sts.Operation},
		"servicequotas": {Handler: limits()},
	}
	if config.Store == DynamoDB {
		if all["dynamodb"], err = c.tables(folder); err != nil {
			return nil, err
		}
	}
	guarded := guard.New(guard.Options{Principals: sessions, Account: Account, Region: Region, Now: time.Now})
	for name, service := range all {
		all[name] = guarded.Service(name, service)
	}
	handler := gateway.New(gateway.Options{
		Services: all, Edge: sites, Website: objects.Website(), Registry: images.Registry(), Faults: config.Faults, Observe: config.Observe, Record: config.Record,
	})
	return &services{handler: handler, edge: sites, lambda: functions, states: states, sessions: sessions, identities: who, served: served}, nil
}

// functions registers every step, in this process or as processes.
func (c *Cloud) functions(config Config, aws clients, cloud *services, address net.Addr) error {
	prices, err := cost.Listed()
	if err != nil {
		return err
	}
	all := steps{
		clients: aws, storeOf: c.storeOf, activityOf: func(of clients) *metered.Reader { return c.activity(config, of) }, now: config.Now, prices: prices,
		propagation: config.Propagation, folderURLs: folderURLsARN,
		websiteURL: "http://{bucket}.s3-website.localhost" + port(address),
		around:     invocation.Options{Log: config.Logger, Metrics: cloud.served.Measured, Now: config.Now},
	}
	if config.Functions == InProcess {
		return all.register(cloud.lambda, cloud.sessions.Keys, nil, "")
	}
	pool, err := lambda.NewPool(lambda.ProcessOptions{
		Env: append(all.environment(c.AWSURL), config.Foreign.environment()...), Stderr: functionLog{config.FunctionOutput, cloud.served, config.Logger},
	})
	if err != nil {
		return err
	}
	c.onClose(pool.Close)
	return all.register(cloud.lambda, cloud.sessions.Keys, pool, config.FunctionsDir)
}

// pruneEvery is how often the engine forgets executions that ended long ago.
const pruneEvery = time.Hour

// machines starts the engine and Step Functions, and installs the definitions.
func (c *Cloud) machines(ctx context.Context, folder *dataFolder, config Config, cloud *services, aws clients) error {
	log, err := journal.Open(folder.sub("executions"), journal.Options{NoSync: config.NoSync})
	if err != nil {
		return err
	}
	c.onClose(log.Close)
	states, err := sfn.New(sfn.Options{
		Dir: folder.sub("states"), Lambda: invoker{cloud.lambda}, Endpoint: c.AWSURL, Account: Account, Region: Region, Authorize: cloud.identities.authorize,
		Engine: func(tasks asl.TaskRunner) (*asl.Engine, error) {
			engine, err := asl.New(asl.Options{Tasks: tasks, Items: sfn.ItemStore(aws.s3), Parquet: parquet.Reader{}, Journal: log, Region: Region})
			if err == nil {
				engine.PruneEvery(pruneEvery)
			}
			return engine, err
		},
	})
	if err != nil {
		return err
	}
	c.onClose(states.Close)
	cloud.states.set(states)
	return aws.installMachines(ctx)
}

// api serves Mayfly's API, after what an earlier process left unstarted is.
func (c *Cloud) api(ctx context.Context, config Config, aws clients, listener net.Listener, awsAddress net.Addr) error {
	deployTo, err := config.Foreign.targets()
	if err != nil {
		return err
	}
	identify := api.Trusting("local")
	if config.Users != "" {
		users, err := identity.Open(config.Users, time.Now)
		if err != nil {
			return err
		}
		identify = users.Identify
	}
	prices, err := cost.Listed()
	if err != nil {
		return err
	}
	kept := c.storeOf(aws)
	handler := api.New(api.Options{
		Store: kept, Quotas: quotas(aws), Costs: kept, Prices: prices, Region: Region, Executions: aws.states, Histories: aws.states, Objects: aws.s3, Images: aws.ecr, Presigner: aws.presigner, Activity: c.activity(config, aws), Nights: kept,
		Machines:     api.Machines{Provision: machineARN("provision"), Update: machineARN("update"), Release: machineARN("release"), Rollout: machineARN("rollout"), Teardown: machineARN("teardown"), Sleep: machineARN("sleep"), Wake: machineARN("wake"), Orphans: machineARN("orphans"), Nightly: machineARN("nightly")},
		Classes:      c.storeOf(aws),
		UploadBucket: uploadBucket, Targets: deployTo,
		SiteURL:  "http://{domain}" + port(awsAddress) + "/",
		Identify: identify, Origins: config.ConsoleOrigins,
		Now: config.Now, Random: rand.Reader, Logger: config.Logger,
		Version: config.Version, Mode: "local", Stream: true,
	})
	if err := handler.Reconcile(ctx); err != nil {
		config.Logger.Error("some sandboxes could not be looked after", "error", err)
	}
	shown, err := c.withConsole(config, handler)
	if err != nil {
		return err
	}
	c.serve(listener, httpapi.CORS(config.ConsoleOrigins, shown), config.Logger, handler.EndStreams)
	return nil
}

// listen opens an address; flag is what a person changes when it is taken.
func (c *Cloud) listen(flag, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use, perhaps by another mayfly; stop that, or choose another address with %s", address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, address, err)
	}
	// Closing it again once it serves does no harm.
	c.onClose(func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return listener, nil
}

// lifecycleEvery is how often the lifecycle rules of S3 and ECR run; on AWS it is
// once a day.
const lifecycleEvery = time.Hour

// every does something regularly until Close, which waits for its end.
func (c *Cloud) every(interval time.Duration, do func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				do(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	c.onClose(func() error {
		cancel()
		return waitFor(done)
	})
}

// shutdownGrace is how long an answer under way may take when the cloud stops.
const shutdownGrace = 2 * time.Second

// serve answers on a listener until Close; onShutdown ends the answers that
// would go on by themselves.
func (c *Cloud) serve(listener net.Listener, handler http.Handler, logger *slog.Logger, onShutdown ...func()) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug)}
	for _, do := range onShutdown {
		server.RegisterOnShutdown(do)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("stopped serving", "address", listener.Addr().String(), "error", err)
		}
	}()
	c.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil { // streams go on until they are cut
			return errors.Join(server.Close(), waitFor(done))
		}
		return waitFor(done)
	})
}

func waitFor(done <-chan struct{}) error {
	<-done
	return nil
}

// port returns ":PORT" of an address, as it stands in URLs.
func port(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.Port != 80 {
		return fmt.Sprintf(":%d", tcp.Port)
	}
	return ""
}

// late is a handler that is there once it is set.
type late struct{ handler atomic.Pointer[http.Handler] }

func (l *late) set(h http.Handler) { l.handler.Store(&h) }

func (l *late) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := l.handler.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`{"__type":"ServiceUnavailable","message":"Step Functions is starting"}`))
}
