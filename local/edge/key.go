package edge

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

// choice chooses names: none, all, those listed, or all but those listed.
type choice struct {
	mode  string // none, whitelist, allExcept or all
	names []string
}

func (c choice) isNone() bool { return c.mode == "none" || c.mode == "" }

func (c choice) takes(name string) bool {
	switch c.mode {
	case "all":
		return true
	case "whitelist":
		return slices.Contains(c.names, name)
	case "allExcept":
		return !slices.Contains(c.names, name)
	}
	return false
}

func choose(mode string, names *cloudfront.Names) choice {
	c := choice{mode: mode}
	if names != nil {
		c.names = names.Items
	}
	return c
}

// keySpec is what of a request is in the cache key beside the path.
type keySpec struct {
	headers          []string // canonical names
	cookies, queries choice
	gzip, brotli     bool // compressed variants are kept, too
}

// forwardSpec is what of a request an origin is told beside the cache key.
type forwardSpec struct {
	headers          choice // canonical names
	cookies, queries choice
}

func keyAndTTL(c *cloudfront.Behavior) (keySpec, ttl) {
	if policy, ok := cloudfront.CachePolicy(c.CachePolicyId); ok {
		p := policy.Parameters
		return keySpec{
			headers: canonical(p.HeadersConfig.Headers),
			cookies: choose(p.CookiesConfig.CookieBehavior, p.CookiesConfig.Cookies),
			queries: choose(p.QueryStringsConfig.QueryStringBehavior, p.QueryStringsConfig.QueryStrings),
			gzip:    p.EnableAcceptEncodingGzip, brotli: p.EnableAcceptEncodingBrotli,
		}, seconds(policy.MinTTL, policy.DefaultTTL, policy.MaxTTL)
	}
	f := c.ForwardedValues
	spec := keySpec{headers: canonical(f.Headers), cookies: choose(f.Cookies.Forward, f.Cookies.WhitelistedNames), gzip: true}
	if f.QueryString {
		spec.queries.mode = "all"
		if f.QueryStringCacheKeys != nil && len(f.QueryStringCacheKeys.Items) > 0 {
			spec.queries = choose("whitelist", f.QueryStringCacheKeys)
		}
	}
	return spec, seconds(*c.MinTTL, *c.DefaultTTL, *c.MaxTTL)
}

func forwardOf(c *cloudfront.Behavior) forwardSpec {
	policy, ok := cloudfront.OriginRequestPolicy(c.OriginRequestPolicyId)
	if !ok {
		return forwardSpec{}
	}
	h := policy.HeadersConfig
	headers := choice{mode: h.HeaderBehavior, names: canonical(h.Headers)}
	if strings.HasPrefix(headers.mode, "allViewer") {
		headers.mode = "all"
	}
	return forwardSpec{
		headers: headers,
		cookies: choose(policy.CookiesConfig.CookieBehavior, policy.CookiesConfig.Cookies),
		queries: choose(policy.QueryStringsConfig.QueryStringBehavior, policy.QueryStringsConfig.QueryStrings),
	}
}

func canonical(names *cloudfront.Names) []string {
	if names == nil {
		return nil
	}
	out := make([]string, 0, len(names.Items))
	for _, n := range names.Items {
		out = append(out, http.CanonicalHeaderKey(n))
	}
	return out
}

// appendKey appends the cache key of a request to out. Parts are given with
// their length, so that no two requests that differ share a key.
func (b *behavior) appendKey(out []byte, distribution, path string, r *viewerRequest) []byte {
	out = append(out, distribution...)
	out = append(out, ' ')
	out = append(out, path...)
	if b.everyVariantOne {
		return out
	}
	if query := pickQuery(r.query, b.key.queries.takes); query != "" {
		out = append(out, '?')
		out = append(out, query...)
	}
	for _, name := range b.key.headers {
		value := strings.Join(r.header.Values(name), ",")
		if name == "Host" {
			value = r.host
		}
		out = appendPart(out, 'h', value)
	}
	if !b.key.cookies.isNone() {
		out = appendPart(out, 'c', pickCookies(r.header, b.key.cookies.takes))
	}
	return out
}

func appendPart(out []byte, kind byte, value string) []byte {
	out = append(out, 0, kind) // no byte 0 comes in a path or header
	out = strconv.AppendInt(out, int64(len(value)), 10)
	out = append(out, ':')
	return append(out, value...)
}

// pickQuery keeps the parameters of a raw query that takes says yes to, in
// their order.
func pickQuery(raw string, takes func(string) bool) string {
	if raw == "" {
		return ""
	}
	var kept []string
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if part != "" && takes(name) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// pickCookies keeps the cookies that takes says yes to, by name.
func pickCookies(header http.Header, takes func(string) bool) string {
	var kept []string
	for _, line := range header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			part = strings.TrimSpace(part)
			name, _, _ := strings.Cut(part, "=")
			if part != "" && takes(name) {
				kept = append(kept, part)
			}
		}
	}
	slices.Sort(kept)
	return strings.Join(kept, "; ")
}
