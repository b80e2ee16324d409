package local

import (
	"net"

	"github.com/mayfly-dev/mayfly/local/ecr"
)

// registry starts ECR and the registry of container images behind it.
func (c *Cloud) registry(folder *dataFolder, config Config, address net.Addr) (*ecr.Service, error) {
	images, err := ecr.New(ecr.Options{
		Dir: folder.sub("ecr"), Host: registryHost(address), Account: Account, Region: Region, Logger: config.Logger,
	})
	if err != nil {
		return nil, err
	}
	c.onClose(images.Close)
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
