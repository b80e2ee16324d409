package local

import (
	"context"
	"net"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr"
)

// registry starts ECR and the registry of container images behind it.
func (c *Cloud) registry(folder *dataFolder, config Config, address net.Addr, principals ecr.Principals, events ecr.Events, metrics ecr.Metrics) (*ecr.Service, error) {
	images, err := ecr.New(ecr.Options{
		Dir: folder.sub("ecr"), Host: registryHost(address), Account: Account, Region: Region,
		Principals: principals, Events: events, Metrics: metrics, Trail: &c.trail, Logger: config.Logger,
		Quotas: ecr.Quotas{Repositories: config.Quotas.Repositories},
	})
	if err != nil {
		return nil, err
	}
	c.onClose(images.Close)
	c.every(lifecycleEvery, func(ctx context.Context) {
		if err := images.RunLifecycle(ctx, time.Now()); err != nil {
			config.Logger.Error("the lifecycle policies of some repositories could not be run", "error", err)
		}
	})
	return images, nil
}

// registryHost is what container clients call this machine. To them a registry
// on "localhost" may speak plain HTTP, and a name is nicer to type than a
// number.
func registryHost(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if ok && (tcp.IP.IsLoopback() || tcp.IP.IsUnspecified()) {
		return "localhost" + port(address)
	}
	return address.String()
}
