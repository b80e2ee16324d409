package cloudfront

// CachePolicyConfig says how long answers are kept and what tells them apart.
// TTLs are in seconds.
type CachePolicyConfig struct {
	Comment    string
	Name       string
	DefaultTTL int64
	MaxTTL     int64
	MinTTL     int64
	Parameters CacheKeyParameters `xml:"ParametersInCacheKeyAndForwardedToOrigin"`
}

// CacheKeyParameters are the parts of a request in the cache key.
type CacheKeyParameters struct {
	EnableAcceptEncodingGzip   bool
	EnableAcceptEncodingBrotli bool
	HeadersConfig              HeadersChoice
	CookiesConfig              CookiesChoice
	QueryStringsConfig         QueryStringsChoice
}

// HeadersChoice chooses headers: none, whitelist, allViewer, allExcept or
// allViewerAndWhitelistCloudFront.
type HeadersChoice struct {
	HeaderBehavior string
	Headers        *Names `xml:",omitempty"`
}

// CookiesChoice chooses cookies: none, whitelist, allExcept or all.
type CookiesChoice struct {
	CookieBehavior string
	Cookies        *Names `xml:",omitempty"`
}

// QueryStringsChoice chooses query strings: none, whitelist, allExcept or all.
type QueryStringsChoice struct {
	QueryStringBehavior string
	QueryStrings        *Names `xml:",omitempty"`
}

// OriginRequestPolicyConfig says what an origin is told beyond the cache key.
type OriginRequestPolicyConfig struct {
	Comment            string
	Name               string
	HeadersConfig      HeadersChoice
	CookiesConfig      CookiesChoice
	QueryStringsConfig QueryStringsChoice
}

// ResponseHeadersPolicyConfig says which headers answers get.
type ResponseHeadersPolicyConfig struct {
	Comment               string
	Name                  string
	CorsConfig            *CorsConfig            `xml:",omitempty"`
	SecurityHeadersConfig *SecurityHeadersConfig `xml:",omitempty"`
}

// CorsConfig answers cross-origin requests.
type CorsConfig struct {
	AccessControlAllowOrigins     HeaderOrigins
	AccessControlAllowHeaders     HeaderNames
	AccessControlAllowMethods     HeaderMethods
	AccessControlAllowCredentials bool
	AccessControlExposeHeaders    *HeaderNames `xml:",omitempty"`
	AccessControlMaxAgeSec        *int         `xml:",omitempty"`
	OriginOverride                bool
}

// HeaderOrigins is a list of origins.
type HeaderOrigins struct {
	Quantity int
	Items    []string `xml:"Items>Origin,omitempty"`
}

// HeaderNames is a list of header names.
type HeaderNames struct {
	Quantity int
	Items    []string `xml:"Items>Header,omitempty"`
}

// HeaderMethods is a list of HTTP methods.
type HeaderMethods struct {
	Quantity int
	Items    []string `xml:"Items>Method,omitempty"`
}

// SecurityHeadersConfig holds the security headers to add.
type SecurityHeadersConfig struct {
	XSSProtection           *XSSProtection           `xml:",omitempty"`
	FrameOptions            *FrameOptions            `xml:",omitempty"`
	ReferrerPolicy          *ReferrerPolicy          `xml:",omitempty"`
	ContentTypeOptions      *ContentTypeOptions      `xml:",omitempty"`
	StrictTransportSecurity *StrictTransportSecurity `xml:",omitempty"`
}

// XSSProtection is the X-XSS-Protection header.
type XSSProtection struct{ Override, Protection, ModeBlock bool }

// FrameOptions is the X-Frame-Options header.
type FrameOptions struct {
	Override    bool
	FrameOption string
}

// ReferrerPolicy is the Referrer-Policy header.
type ReferrerPolicy struct {
	Override       bool
	ReferrerPolicy string
}

// ContentTypeOptions is the X-Content-Type-Options header.
type ContentTypeOptions struct{ Override bool }

// StrictTransportSecurity is the Strict-Transport-Security header.
type StrictTransportSecurity struct {
	Override               bool
	AccessControlMaxAgeSec int
}
