package cloudfront

import (
	"net/http"
	"slices"
	"time"
)

// distributionSummary is the API's element of the same name.
type distributionSummary struct {
	Id                   string //nolint:revive // the API's name
	ARN                  string
	ETag                 string
	Status               string
	LastModifiedTime     time.Time
	DomainName           string
	Aliases              *Aliases
	Origins              *Origins
	OriginGroups         *OriginGroups
	DefaultCacheBehavior *Behavior
	CacheBehaviors       *CacheBehaviors
	CustomErrorResponses *CustomErrorResponses
	Comment              string
	PriceClass           string
	Enabled              bool
	ViewerCertificate    *ViewerCertificate
	Restrictions         *Restrictions
	WebACLId             string
	HttpVersion          string //nolint:revive // the API's name
	IsIPV6Enabled        bool
	Staging              bool
	ConnectionMode       string
}

func (s *Service) listDistributions(c *call) (*answer, *Error) {
	return s.listWhere(c, func(*distribution) bool { return true })
}

// listDistributionsByWebACL lists those whose configuration names a web ACL;
// "null" stands for those that name none.
func (s *Service) listDistributionsByWebACL(c *call) (*answer, *Error) {
	wanted := c.id
	if wanted == "null" {
		wanted = ""
	}
	return s.listWhere(c, func(d *distribution) bool { return d.Config.WebACLId == wanted })
}

func (s *Service) listWhere(c *call, fits func(*distribution) bool) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := slices.DeleteFunc(sortedKeys(s.distributions), func(id string) bool { return !fits(s.distributions[id]) })
	p, err := c.paged(keys)
	if err != nil {
		return nil, err
	}
	now := s.now()
	items := make([]distributionSummary, 0, len(p.keys))
	for _, id := range p.keys {
		d := s.distributions[id]
		f := d.Config
		items = append(items, distributionSummary{
			Id: d.ID, ARN: d.arn(), ETag: d.ETag, Status: d.status(now), LastModifiedTime: d.Modified, DomainName: d.Domain,
			Aliases: f.Aliases, Origins: f.Origins, OriginGroups: f.OriginGroups, DefaultCacheBehavior: f.DefaultCacheBehavior,
			CacheBehaviors: f.CacheBehaviors, CustomErrorResponses: f.CustomErrorResponses, Comment: *f.Comment,
			PriceClass: f.PriceClass, Enabled: f.On(), ViewerCertificate: f.ViewerCertificate, Restrictions: f.Restrictions,
			WebACLId: f.WebACLId, HttpVersion: f.HttpVersion, IsIPV6Enabled: *f.IsIPV6Enabled, Staging: *f.Staging,
			ConnectionMode: f.ConnectionMode,
		})
	}
	return &answer{status: http.StatusOK, root: "DistributionList", body: struct {
		Marker      string
		NextMarker  string `xml:",omitempty"`
		MaxItems    int
		IsTruncated bool
		Quantity    int
		Items       []distributionSummary `xml:"Items>DistributionSummary,omitempty"`
	}{p.marker, p.next, p.maxItems, p.next != "", len(items), items}}, nil
}
