package edge

import (
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

// site is a deployment made ready for serving.
type site struct {
	*cloudfront.Deployment
	behaviors []*behavior // the default one last, matching all
	errors    map[int]errorRule
	root      string // default root object with its slash; empty: none
	webACL    string // ARN; empty: none
	via       string
}

// errorRule is a custom error response.
type errorRule struct {
	page   string
	status int
	keep   time.Duration
}

// behavior is a cache behavior made ready for serving.
type behavior struct {
	pattern         string // empty for the default one
	methods         []string
	sources         []source // the second one is for failover
	failover        []int    // statuses that lead to the second source
	key             keySpec
	forward         forwardSpec
	ttl             ttl
	gzip, brotli    bool
	headers         *headersPolicy // nil: none
	viewerRequest   string         // ARN of a function, or empty
	viewerResponse  string
	everyVariantOne bool // the cache key is the path alone
}

// source is an origin made ready for fetching.
type source struct {
	as     Principal
	base   string // scheme, host and path to which a request's path is appended
	header []cloudfront.OriginCustomHeader
}

// siteOf returns the compiled form of a deployment, made when it is seen first.
func (e *Edge) siteOf(d *cloudfront.Deployment) *site {
	if s, ok := (*e.sites.Load())[d]; ok {
		return s
	}
	e.compiling.Lock()
	defer e.compiling.Unlock()
	old := *e.sites.Load()
	if s, ok := old[d]; ok {
		return s
	}
	s := compile(d)
	// keep two deployments of each distribution at most: the one before a
	// change is still served by requests under way
	grown := make(map[*cloudfront.Deployment]*site, len(old)+1)
	for known, compiled := range old {
		if current, ok := e.options.Distributions.ByHost(known.DomainName); ok && (current == known || known.ID == d.ID) {
			grown[known] = compiled
		}
	}
	grown[d] = s
	e.sites.Store(&grown)
	return s
}

func compile(d *cloudfront.Deployment) *site {
	s := &site{Deployment: d, errors: map[int]errorRule{}, via: "1.1 " + strings.ToLower(d.ID) + ".cloudfront.net (CloudFront)"}
	c := d.Config
	s.webACL = c.WebACLId
	if c.DefaultRootObject != "" {
		s.root = "/" + c.DefaultRootObject
	}
	for _, r := range c.CustomErrorResponses.Items {
		rule := errorRule{page: r.ResponsePagePath, keep: time.Duration(*r.ErrorCachingMinTTL) * time.Second}
		for _, digit := range r.ResponseCode {
			rule.status = rule.status*10 + int(digit-'0')
		}
		s.errors[r.ErrorCode] = rule
	}
	for i := range c.CacheBehaviors.Items {
		b := s.compileBehavior(&c.CacheBehaviors.Items[i].Behavior)
		b.pattern = c.CacheBehaviors.Items[i].PathPattern
		s.behaviors = append(s.behaviors, b)
	}
	s.behaviors = append(s.behaviors, s.compileBehavior(c.DefaultCacheBehavior))
	return s
}

// behaviorFor returns the first behavior whose pattern fits the path.
func (s *site) behaviorFor(path string) *behavior {
	last := len(s.behaviors) - 1
	for _, b := range s.behaviors[:last] {
		if matches(b.pattern, path) {
			return b
		}
	}
	return s.behaviors[last]
}

func (s *site) compileBehavior(c *cloudfront.Behavior) *behavior {
	b := &behavior{methods: c.AllowedMethods.Items}
	b.sources, b.failover = s.sources(c.TargetOriginId)
	b.key, b.ttl = keyAndTTL(c)
	b.forward = forwardOf(c)
	b.everyVariantOne = b.key.headers == nil && b.key.cookies.isNone() && b.key.queries.isNone()
	b.gzip = *c.Compress && b.key.gzip
	b.brotli = *c.Compress && b.key.brotli
	if policy, ok := cloudfront.ResponseHeadersPolicy(c.ResponseHeadersPolicyId); ok {
		b.headers = compileHeaders(policy)
	}
	for _, f := range c.FunctionAssociations.Items {
		if f.EventType == "viewer-request" {
			b.viewerRequest = f.FunctionARN
		} else {
			b.viewerResponse = f.FunctionARN
		}
	}
	return b
}

// sources resolves a TargetOriginId: one origin, or the two of a group.
func (s *site) sources(target string) (list []source, failover []int) {
	ids := []string{target}
	for _, g := range s.Config.OriginGroups.Items {
		if g.Id == target {
			ids = []string{g.Members.Items[0].OriginId, g.Members.Items[1].OriginId}
			failover = g.FailoverCriteria.StatusCodes.Items
		}
	}
	for _, id := range ids {
		i := slices.IndexFunc(s.Config.Origins.Items, func(o cloudfront.Origin) bool { return o.Id == id })
		if i >= 0 { // always: the control plane refuses anything else
			list = append(list, s.source(&s.Config.Origins.Items[i]))
		}
	}
	return list, failover
}

func (s *site) source(o *cloudfront.Origin) source {
	out := source{base: "http://" + o.DomainName + o.OriginPath, header: o.CustomHeaders.Items}
	switch {
	case o.CustomOriginConfig != nil:
		out.as.Custom = true
		out.base = customBase(o) + o.OriginPath
	case o.OriginAccessControlId != "":
		out.as.DistributionARN = s.ARN
	default:
		_, out.as.OriginAccessIdentity, _ = strings.Cut(o.S3OriginConfig.OriginAccessIdentity, "cloudfront/")
	}
	return out
}
