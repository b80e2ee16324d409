package edge

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

// headersPolicy is a response headers policy made ready for serving.
type headersPolicy struct {
	security []policyHeader
	cors     *cloudfront.CorsConfig
}

type policyHeader struct {
	name, value string
	override    bool // also over what the origin says
}

func compileHeaders(c *cloudfront.ResponseHeadersPolicyConfig) *headersPolicy {
	p := &headersPolicy{cors: c.CorsConfig}
	s := c.SecurityHeadersConfig
	if s == nil {
		return p
	}
	add := func(name, value string, override bool) {
		p.security = append(p.security, policyHeader{name, value, override})
	}
	if x := s.XSSProtection; x != nil {
		value := "0"
		if x.Protection {
			value = "1"
		}
		if x.Protection && x.ModeBlock {
			value += "; mode=block"
		}
		add("X-Xss-Protection", value, x.Override)
	}
	if f := s.FrameOptions; f != nil {
		add("X-Frame-Options", f.FrameOption, f.Override)
	}
	if r := s.ReferrerPolicy; r != nil {
		add("Referrer-Policy", r.ReferrerPolicy, r.Override)
	}
	if o := s.ContentTypeOptions; o != nil {
		add("X-Content-Type-Options", "nosniff", o.Override)
	}
	if t := s.StrictTransportSecurity; t != nil {
		add("Strict-Transport-Security", "max-age="+strconv.Itoa(t.AccessControlMaxAgeSec), t.Override)
	}
	return p
}

// apply adds the policy's headers to an answer's. Those for cross-origin
// requests come with requests that name an origin.
func (p *headersPolicy) apply(h http.Header, origin, method string) {
	if p == nil {
		return
	}
	set := func(name, value string, override bool) {
		if override || len(h[name]) == 0 {
			h[name] = []string{value}
		}
	}
	for _, s := range p.security {
		set(s.name, s.value, s.override)
	}
	c := p.cors
	if c == nil || origin == "" || !slices.Contains(c.AccessControlAllowOrigins.Items, "*") && !slices.Contains(c.AccessControlAllowOrigins.Items, origin) {
		return
	}
	allowed := "*"
	if !slices.Contains(c.AccessControlAllowOrigins.Items, "*") {
		allowed = origin
	}
	set("Access-Control-Allow-Origin", allowed, c.OriginOverride)
	if e := c.AccessControlExposeHeaders; e != nil && len(e.Items) > 0 {
		set("Access-Control-Expose-Headers", strings.Join(e.Items, ", "), c.OriginOverride)
	}
	if method == http.MethodOptions {
		set("Access-Control-Allow-Methods", strings.Join(c.AccessControlAllowMethods.Items, ", "), c.OriginOverride)
		set("Access-Control-Allow-Headers", strings.Join(c.AccessControlAllowHeaders.Items, ", "), c.OriginOverride)
	}
}
