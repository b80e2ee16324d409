package cloudfront

// CacheBehaviors are the behaviors with a path pattern, in order.
type CacheBehaviors struct {
	Quantity int
	Items    []CacheBehavior `xml:"Items>CacheBehavior,omitempty"`
}

// CacheBehavior is a [Behavior] for the paths that match a pattern.
type CacheBehavior struct {
	PathPattern string
	Behavior
}

// Behavior says how requests are answered: from which origin, kept how long,
// with which functions and headers.
type Behavior struct {
	TargetOriginId             string              //nolint:revive // the API's name
	TrustedSigners             *TrustedSigners     `xml:",omitempty"`
	TrustedKeyGroups           *TrustedKeyGroups   `xml:",omitempty"`
	ViewerProtocolPolicy       string              // allow-all, https-only or redirect-to-https
	AllowedMethods             *AllowedMethods     `xml:",omitempty"`
	SmoothStreaming            *bool               `xml:",omitempty"`
	Compress                   *bool               `xml:",omitempty"`
	LambdaFunctionAssociations *LambdaAssociations `xml:",omitempty"`
	FunctionAssociations       *Associations       `xml:",omitempty"`
	FieldLevelEncryptionId     string              //nolint:revive // the API's name
	RealtimeLogConfigArn       string              `xml:",omitempty"`
	CachePolicyId              string              `xml:",omitempty"` //nolint:revive // the API's name
	OriginRequestPolicyId      string              `xml:",omitempty"` //nolint:revive // the API's name
	ResponseHeadersPolicyId    string              `xml:",omitempty"` //nolint:revive // the API's name
	GrpcConfig                 *GrpcConfig         `xml:",omitempty"`
	ForwardedValues            *ForwardedValues    `xml:",omitempty"`
	MinTTL                     *int64              `xml:",omitempty"`
	DefaultTTL                 *int64              `xml:",omitempty"`
	MaxTTL                     *int64              `xml:",omitempty"`
}

// TrustedSigners are accounts that may sign URLs; none are accepted here.
type TrustedSigners struct {
	Enabled  bool
	Quantity int
	Items    []string `xml:"Items>AwsAccountNumber,omitempty"`
}

// TrustedKeyGroups are key groups that may sign URLs; none are accepted here.
type TrustedKeyGroups struct {
	Enabled  bool
	Quantity int
	Items    []string `xml:"Items>KeyGroup,omitempty"`
}

// AllowedMethods are the HTTP methods that a behavior answers.
type AllowedMethods struct {
	Quantity      int
	Items         []string       `xml:"Items>Method,omitempty"`
	CachedMethods *CachedMethods `xml:",omitempty"`
}

// CachedMethods are the HTTP methods whose answers are kept.
type CachedMethods struct {
	Quantity int
	Items    []string `xml:"Items>Method,omitempty"`
}

// LambdaAssociations must be empty: Lambda@Edge does not run here.
type LambdaAssociations struct {
	Quantity int
	Items    []LambdaAssociation `xml:"Items>LambdaFunctionAssociation,omitempty"`
}

// LambdaAssociation binds a Lambda@Edge function to an event.
type LambdaAssociation struct {
	LambdaFunctionARN string
	EventType         string
	IncludeBody       *bool `xml:",omitempty"`
}

// Associations bind CloudFront Functions to events.
type Associations struct {
	Quantity int
	Items    []Association `xml:"Items>FunctionAssociation,omitempty"`
}

// Association binds one CloudFront Function to viewer-request or
// viewer-response.
type Association struct {
	FunctionARN string
	EventType   string
}

// GrpcConfig must be off: the edge speaks no gRPC.
type GrpcConfig struct{ Enabled bool }

// ForwardedValues are the legacy cache settings: what is part of the cache key
// and passed on to the origin.
type ForwardedValues struct {
	QueryString          bool
	Cookies              CookiePreference
	Headers              *Names `xml:",omitempty"`
	QueryStringCacheKeys *Names `xml:",omitempty"`
}

// CookiePreference says which cookies count: none, whitelist or all.
type CookiePreference struct {
	Forward          string
	WhitelistedNames *Names `xml:",omitempty"`
}

// Names is a list of names of headers, cookies or query strings.
type Names struct {
	Quantity int
	Items    []string `xml:"Items>Name,omitempty"`
}
