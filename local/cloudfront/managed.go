package cloudfront

// The managed policies, with the ids and settings that they have on AWS.

var cachePolicies = map[string]*CachePolicyConfig{
	"2e54312d-136d-493c-8eb9-b001f22f67d2": {
		Name: "Managed-Amplify", Comment: "Policy for Amplify Origin",
		MinTTL: 2, DefaultTTL: 2, MaxTTL: 600,
		Parameters: cacheKey(true, true, listed("Authorization", "CloudFront-Viewer-Country", "Host"), "all", "all"),
	},
	"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {
		Name: "Managed-CachingDisabled", Comment: "Policy with caching disabled",
		Parameters: cacheKey(false, false, nil, "none", "none"),
	},
	"658327ea-f89d-4fab-a63d-7e88639e58f6": {
		Name: "Managed-CachingOptimized", Comment: "Policy with caching enabled. Supports Gzip and Brotli compression.",
		MinTTL: 1, DefaultTTL: 86400, MaxTTL: 31536000,
		Parameters: cacheKey(true, true, nil, "none", "none"),
	},
	"b2884449-e4de-46a7-ac36-70bc7f1ddd6d": {
		Name: "Managed-CachingOptimizedForUncompressedObjects", Comment: "Default policy when compression is disabled",
		MinTTL: 1, DefaultTTL: 86400, MaxTTL: 31536000,
		Parameters: cacheKey(false, false, nil, "none", "none"),
	},
	"08627262-05a9-4f76-9ded-b50ca2e3a84f": {
		Name: "Managed-Elemental-MediaPackage", Comment: "Policy for Elemental MediaPackage Origin",
		DefaultTTL: 86400, MaxTTL: 31536000,
		Parameters: CacheKeyParameters{
			EnableAcceptEncodingGzip: true,
			HeadersConfig:            HeadersChoice{HeaderBehavior: "whitelist", Headers: listed("Origin")},
			CookiesConfig:            CookiesChoice{CookieBehavior: "none"},
			QueryStringsConfig: QueryStringsChoice{
				QueryStringBehavior: "whitelist", QueryStrings: listed("aws.manifestfilter", "start", "end", "m"),
			},
		},
	},
	"83da9c7e-98b4-4e11-a168-04f0df8e2c65": {
		Name: "UseOriginCacheControlHeaders", Comment: "Policy for origins that return Cache-Control headers. Query strings are not included in the cache key.",
		MaxTTL:     31536000,
		Parameters: cacheKey(true, true, originHeaders(), "all", "none"),
	},
	"4cc15a8a-d715-48a4-82b8-cc0b614638fe": {
		Name: "UseOriginCacheControlHeaders-QueryStrings", Comment: "Policy for origins that return Cache-Control headers and serve different content based on values present in the query string.",
		MaxTTL:     31536000,
		Parameters: cacheKey(true, true, originHeaders(), "all", "all"),
	},
}

var originRequestPolicies = map[string]*OriginRequestPolicyConfig{
	"216adef6-5c7f-47e4-b989-5492eafa07d3": originRequest("Managed-AllViewer", "Policy to forward all parameters in viewer requests", "allViewer", nil, "all", "all"),
	"33f36d7e-f396-46d9-90e0-52428a34d9dc": originRequest("Managed-AllViewerAndCloudFrontHeaders-2022-06", "Policy to forward all parameters in viewer requests and all CloudFront headers released until June 2022", "allViewerAndWhitelistCloudFront", cloudFrontHeaders(), "all", "all"),
	"b689b0a8-53d0-40ab-baf2-68738e2966ac": originRequest("Managed-AllViewerExceptHostHeader", "Policy to forward all parameters in viewer requests except for the Host header", "allExcept", listed("host"), "all", "all"),
	"59781a5b-3903-41f3-afcb-af62929ccde1": originRequest("Managed-CORS-CustomOrigin", "Policy for CORS with a custom origin", "whitelist", listed("origin"), "none", "none"),
	"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": originRequest("Managed-CORS-S3Origin", "Policy for S3 origin with CORS", "whitelist", listed("origin", "access-control-request-headers", "access-control-request-method"), "none", "none"),
	"775133bc-15f2-49f9-abea-afb2e0bf67d2": originRequest("Managed-Elemental-MediaTailor-PersonalizedManifests", "Policy for Elemental MediaTailor Origin", "whitelist", listed("origin", "access-control-request-headers", "access-control-request-method", "user-agent", "x-forwarded-for"), "none", "all"),
	"acba4595-bd28-49b8-b9fe-13317c0390fa": originRequest("Managed-UserAgentRefererHeaders", "Policy to forward user-agent and referer headers to origin", "whitelist", listed("user-agent", "referer"), "none", "none"),
	"bf0718e1-ba1e-49d1-88b1-f726733018ae": originRequest("Managed-HostHeaderOnly", "Policy to forward the host header to origin", "whitelist", listed("host"), "none", "none"),
}

var responseHeadersPolicies = map[string]*ResponseHeadersPolicyConfig{
	"60669652-455b-4ae9-85a4-c4c02393f86c": {Name: "Managed-SimpleCORS", Comment: "Allows all origins for simple CORS requests", CorsConfig: simpleCORS()},
	"5cc3b908-e619-4b99-88e5-2cf7f45965bd": {Name: "Managed-CORS-With-Preflight", Comment: "Allows all origins for CORS requests, including preflight requests", CorsConfig: preflightCORS()},
	"67f7725c-6f97-4210-82d7-5512b31e9d03": {Name: "Managed-SecurityHeadersPolicy", Comment: "Adds a set of security headers to every response", SecurityHeadersConfig: securityHeaders()},
	"e61eb60c-9c35-4d20-a928-2b84e02af89c": {Name: "Managed-CORS-and-SecurityHeadersPolicy", Comment: "Allows all origins for simple CORS requests and adds security headers", CorsConfig: simpleCORS(), SecurityHeadersConfig: securityHeaders()},
	"eaab4381-ed33-4a86-88ca-d9558dc6cd63": {Name: "Managed-CORS-with-preflight-and-SecurityHeadersPolicy", Comment: "Allows all origins for CORS requests, including preflight requests, and adds security headers", CorsConfig: preflightCORS(), SecurityHeadersConfig: securityHeaders()},
}

// CachePolicy returns the managed cache policy with this id. The result is
// shared and must not be changed.
func CachePolicy(id string) (*CachePolicyConfig, bool) {
	p, ok := cachePolicies[id]
	return p, ok
}

// OriginRequestPolicy returns the managed origin request policy with this id.
// The result is shared and must not be changed.
func OriginRequestPolicy(id string) (*OriginRequestPolicyConfig, bool) {
	p, ok := originRequestPolicies[id]
	return p, ok
}

// ResponseHeadersPolicy returns the managed response headers policy with this
// id. The result is shared and must not be changed.
func ResponseHeadersPolicy(id string) (*ResponseHeadersPolicyConfig, bool) {
	p, ok := responseHeadersPolicies[id]
	return p, ok
}

func listed(names ...string) *Names { return &Names{Quantity: len(names), Items: names} }

func originHeaders() *Names {
	return listed("Host", "Origin", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override")
}

func cloudFrontHeaders() *Names {
	return listed("CloudFront-Forwarded-Proto", "CloudFront-Is-Android-Viewer", "CloudFront-Is-Desktop-Viewer",
		"CloudFront-Is-IOS-Viewer", "CloudFront-Is-Mobile-Viewer", "CloudFront-Is-SmartTV-Viewer", "CloudFront-Is-Tablet-Viewer",
		"CloudFront-Viewer-Address", "CloudFront-Viewer-ASN", "CloudFront-Viewer-City", "CloudFront-Viewer-Country",
		"CloudFront-Viewer-Country-Name", "CloudFront-Viewer-Country-Region", "CloudFront-Viewer-Country-Region-Name",
		"CloudFront-Viewer-Http-Version", "CloudFront-Viewer-Latitude", "CloudFront-Viewer-Longitude",
		"CloudFront-Viewer-Metro-Code", "CloudFront-Viewer-Postal-Code", "CloudFront-Viewer-Time-Zone", "CloudFront-Viewer-TLS")
}

func cacheKey(gzip, brotli bool, headers *Names, cookies, queries string) CacheKeyParameters {
	choice := HeadersChoice{HeaderBehavior: "none"}
	if headers != nil {
		choice = HeadersChoice{HeaderBehavior: "whitelist", Headers: headers}
	}
	return CacheKeyParameters{
		EnableAcceptEncodingGzip: gzip, EnableAcceptEncodingBrotli: brotli,
		HeadersConfig:      choice,
		CookiesConfig:      CookiesChoice{CookieBehavior: cookies},
		QueryStringsConfig: QueryStringsChoice{QueryStringBehavior: queries},
	}
}

func originRequest(name, comment, headers string, names *Names, cookies, queries string) *OriginRequestPolicyConfig {
	return &OriginRequestPolicyConfig{
		Name: name, Comment: comment,
		HeadersConfig:      HeadersChoice{HeaderBehavior: headers, Headers: names},
		CookiesConfig:      CookiesChoice{CookieBehavior: cookies},
		QueryStringsConfig: QueryStringsChoice{QueryStringBehavior: queries},
	}
}

func simpleCORS() *CorsConfig {
	return &CorsConfig{
		AccessControlAllowOrigins: HeaderOrigins{Quantity: 1, Items: []string{"*"}},
		AccessControlAllowHeaders: HeaderNames{Quantity: 1, Items: []string{"*"}},
		AccessControlAllowMethods: HeaderMethods{Quantity: 2, Items: []string{"GET", "HEAD"}},
	}
}

func preflightCORS() *CorsConfig {
	c := simpleCORS()
	c.AccessControlAllowMethods = HeaderMethods{Quantity: 7, Items: []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}}
	c.AccessControlExposeHeaders = &HeaderNames{Quantity: 1, Items: []string{"*"}}
	return c
}

func securityHeaders() *SecurityHeadersConfig {
	return &SecurityHeadersConfig{
		XSSProtection:           &XSSProtection{Protection: true, ModeBlock: true},
		FrameOptions:            &FrameOptions{FrameOption: "SAMEORIGIN"},
		ReferrerPolicy:          &ReferrerPolicy{ReferrerPolicy: "strict-origin-when-cross-origin"},
		ContentTypeOptions:      &ContentTypeOptions{Override: true},
		StrictTransportSecurity: &StrictTransportSecurity{AccessControlMaxAgeSec: 31536000},
	}
}
