package cloudfront

import (
	"slices"
	"strings"
	"time"
)

// Deployment is a distribution as the edge serves it. It never changes: a
// change of the distribution makes another one, so that its address tells
// whether what was derived from it is current.
type Deployment struct {
	ID         string
	ARN        string
	DomainName string
	Config     *DistributionConfig
}

// route leads from a host name to what is deployed there.
type route struct {
	before, after *Deployment
	spread        int64 // Unix nanoseconds from which after is served; 0: always
}

// refresh makes the deployments of the record's present content. Those that
// stay as they are keep their address.
func (d *distribution) refresh() {
	d.after = d.keep(d.after, d.Config)
	d.before = nil
	if d.Previous != nil {
		d.before = d.keep(d.before, d.Previous)
	}
}

func (d *distribution) keep(old *Deployment, config *DistributionConfig) *Deployment {
	if old != nil && old.Config == config {
		return old
	}
	return &Deployment{ID: d.ID, ARN: d.arn(), DomainName: d.Domain, Config: config}
}

// publishHosts makes the current distributions visible to ByHost. The caller
// holds the lock, or is the only one.
func (s *Service) publishHosts() {
	hosts := make(map[string]*route, len(s.distributions))
	for _, d := range s.distributions {
		r := &route{before: d.before, after: d.after}
		if d.before != nil {
			r.spread = d.Spread.UnixNano()
		}
		hosts[d.Domain] = r
		if d.Config.Aliases != nil {
			for _, alias := range d.Config.Aliases.Items {
				hosts[strings.ToLower(alias)] = r
			}
		}
	}
	s.hosts.Store(&hosts)
}

// ByHost returns what is deployed for a Host header, with or without a port.
// It takes no lock. A disabled distribution is returned, too: its Config.On()
// is false, from the moment that disabling it has spread.
func (s *Service) ByHost(host string) (*Deployment, bool) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	hosts := *s.hosts.Load()
	r, ok := hosts[host]
	if !ok {
		if r, ok = hosts[strings.ToLower(host)]; !ok {
			return nil, false
		}
	}
	if r.spread == 0 || s.options.Clock().UnixNano() >= r.spread {
		return r.after, true
	}
	return r.before, true
}

// Distribution is one line of the inventory.
type Distribution struct {
	ID         string
	ARN        string
	DomainName string
	Status     string // InProgress or Deployed
	Enabled    bool   // as asked for; it may still be spreading
	Comment    string
	Modified   time.Time
	Tags       []Tag
}

// Distributions returns all distributions by id.
func (s *Service) Distributions() []Distribution {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.now()
	list := make([]Distribution, 0, len(s.distributions))
	for _, id := range sortedKeys(s.distributions) {
		d := s.distributions[id]
		list = append(list, Distribution{
			ID: d.ID, ARN: d.arn(), DomainName: d.Domain, Status: d.status(now),
			Enabled: d.Config.On(), Comment: *d.Config.Comment, Modified: d.Modified, Tags: slices.Clone(d.Tags),
		})
	}
	return list
}
