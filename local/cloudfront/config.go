package cloudfront

// DistributionConfig is what a distribution shall be, as the API's element of
// the same name. Optional scalars are pointers until [normalise] fills in
// CloudFront's defaults; after that only TTLs of the legacy cache settings may
// be nil.
type DistributionConfig struct {
	CallerReference              string
	Aliases                      *Aliases              `xml:",omitempty"`
	DefaultRootObject            string                // without a slash before it; empty: none
	Origins                      *Origins              `xml:",omitempty"`
	OriginGroups                 *OriginGroups         `xml:",omitempty"`
	DefaultCacheBehavior         *Behavior             `xml:",omitempty"`
	CacheBehaviors               *CacheBehaviors       `xml:",omitempty"`
	CustomErrorResponses         *CustomErrorResponses `xml:",omitempty"`
	Comment                      *string               `xml:",omitempty"`
	Logging                      *Logging              `xml:",omitempty"`
	PriceClass                   string                `xml:",omitempty"`
	Enabled                      *bool                 `xml:",omitempty"`
	ViewerCertificate            *ViewerCertificate    `xml:",omitempty"`
	Restrictions                 *Restrictions         `xml:",omitempty"`
	WebACLId                     string
	HttpVersion                  string `xml:",omitempty"` //nolint:revive // the API's name
	IsIPV6Enabled                *bool  `xml:",omitempty"`
	ContinuousDeploymentPolicyId string //nolint:revive // the API's name
	Staging                      *bool  `xml:",omitempty"`
	AnycastIpListId              string `xml:",omitempty"` //nolint:revive // the API's name
	ConnectionMode               string `xml:",omitempty"`
}

// On says whether the distribution is enabled.
func (c *DistributionConfig) On() bool { return c.Enabled != nil && *c.Enabled }

// Aliases are alternate domain names.
type Aliases struct {
	Quantity int
	Items    []string `xml:"Items>CNAME,omitempty"`
}

// Origins are the places that content comes from.
type Origins struct {
	Quantity int
	Items    []Origin `xml:"Items>Origin,omitempty"`
}

// Origin is one place that content comes from.
type Origin struct {
	Id                    string //nolint:revive // the API's name
	DomainName            string
	OriginPath            string
	CustomHeaders         *CustomHeaders      `xml:",omitempty"`
	S3OriginConfig        *S3OriginConfig     `xml:",omitempty"`
	CustomOriginConfig    *CustomOriginConfig `xml:",omitempty"`
	ConnectionAttempts    *int                `xml:",omitempty"`
	ConnectionTimeout     *int                `xml:",omitempty"`
	OriginShield          *OriginShield       `xml:",omitempty"`
	OriginAccessControlId string              //nolint:revive // the API's name
}

// CustomHeaders are added to every request to an origin.
type CustomHeaders struct {
	Quantity int
	Items    []OriginCustomHeader `xml:"Items>OriginCustomHeader,omitempty"`
}

// OriginCustomHeader is one header added to requests to an origin.
type OriginCustomHeader struct{ HeaderName, HeaderValue string }

// S3OriginConfig says that an origin is a bucket, and the identity to read it
// as: "origin-access-identity/cloudfront/ID", or empty.
type S3OriginConfig struct {
	OriginAccessIdentity string
	OriginReadTimeout    *int `xml:",omitempty"`
}

// CustomOriginConfig says that an origin is an HTTP server.
type CustomOriginConfig struct {
	HTTPPort               int
	HTTPSPort              int
	OriginProtocolPolicy   string
	OriginSslProtocols     *SslProtocols `xml:",omitempty"`
	OriginReadTimeout      *int          `xml:",omitempty"`
	OriginKeepaliveTimeout *int          `xml:",omitempty"`
	IpAddressType          string        `xml:",omitempty"` //nolint:revive // the API's name
}

// SslProtocols are the TLS versions to use with an origin.
type SslProtocols struct {
	Quantity int
	Items    []string `xml:"Items>SslProtocol,omitempty"`
}

// OriginShield is kept and shown; the edge on one machine is one place.
type OriginShield struct {
	Enabled            bool
	OriginShieldRegion string `xml:",omitempty"`
}

// OriginGroups are pairs of origins with failover.
type OriginGroups struct {
	Quantity int
	Items    []OriginGroup `xml:"Items>OriginGroup,omitempty"`
}

// OriginGroup is a first origin and the one to ask when it fails.
type OriginGroup struct {
	Id                string //nolint:revive // the API's name
	FailoverCriteria  FailoverCriteria
	Members           OriginGroupMembers
	SelectionCriteria string `xml:",omitempty"`
}

// FailoverCriteria are the statuses that make the second origin asked.
type FailoverCriteria struct{ StatusCodes StatusCodes }

// StatusCodes is a list of HTTP statuses.
type StatusCodes struct {
	Quantity int
	Items    []int `xml:"Items>StatusCode,omitempty"`
}

// OriginGroupMembers are the two origins of a group, the first one first.
type OriginGroupMembers struct {
	Quantity int
	Items    []OriginGroupMember `xml:"Items>OriginGroupMember,omitempty"`
}

// OriginGroupMember names an origin.
type OriginGroupMember struct {
	OriginId string //nolint:revive // the API's name
}

// CustomErrorResponses say what viewers see instead of an error.
type CustomErrorResponses struct {
	Quantity int
	Items    []CustomErrorResponse `xml:"Items>CustomErrorResponse,omitempty"`
}

// CustomErrorResponse says what viewers see instead of one error status, and
// for how many seconds the error is kept.
type CustomErrorResponse struct {
	ErrorCode          int
	ResponsePagePath   string
	ResponseCode       string
	ErrorCachingMinTTL *int64 `xml:",omitempty"`
}

// Logging is kept and shown; the edge writes no such logs.
type Logging struct {
	Enabled        bool
	IncludeCookies bool
	Bucket         string
	Prefix         string
}

// ViewerCertificate is kept and shown; on one machine viewers use HTTP.
type ViewerCertificate struct {
	CloudFrontDefaultCertificate *bool  `xml:",omitempty"`
	IAMCertificateId             string `xml:",omitempty"` //nolint:revive // the API's name
	ACMCertificateArn            string `xml:",omitempty"`
	SSLSupportMethod             string `xml:",omitempty"`
	MinimumProtocolVersion       string `xml:",omitempty"`
	Certificate                  string `xml:",omitempty"`
	CertificateSource            string `xml:",omitempty"`
}

// Restrictions hold the geographic restriction.
type Restrictions struct{ GeoRestriction GeoRestriction }

// GeoRestriction is kept and shown; a viewer on loopback is in no country.
type GeoRestriction struct {
	RestrictionType string
	Quantity        int
	Items           []string `xml:"Items>Location,omitempty"`
}
