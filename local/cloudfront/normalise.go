package cloudfront

func orDefault[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

func orText(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// normalise fills in what CloudFront fills in, so that what is read back can
// be sent again as an update. It refuses a configuration without the elements
// that everything else hangs on.
func (c *DistributionConfig) normalise() *Error {
	switch {
	case c.CallerReference == "":
		return refuse("InvalidArgument", "The parameter CallerReference is required.")
	case c.Comment == nil:
		return refuse("MalformedXML", "The XML document is malformed: there is no element Comment in DistributionConfig")
	case c.Enabled == nil:
		return refuse("MalformedXML", "The XML document is malformed: there is no element Enabled in DistributionConfig")
	case c.Origins == nil || len(c.Origins.Items) == 0:
		return refuse("InvalidArgument", "The parameter Origins must have at least one origin.")
	case c.DefaultCacheBehavior == nil:
		return refuse("MalformedXML", "The XML document is malformed: there is no element DefaultCacheBehavior in DistributionConfig")
	}
	orDefault(&c.Aliases, Aliases{})
	orDefault(&c.OriginGroups, OriginGroups{})
	orDefault(&c.CacheBehaviors, CacheBehaviors{})
	orDefault(&c.CustomErrorResponses, CustomErrorResponses{})
	orDefault(&c.Logging, Logging{})
	orDefault(&c.ViewerCertificate, ViewerCertificate{})
	orDefault(&c.Restrictions, Restrictions{GeoRestriction{RestrictionType: "none"}})
	orDefault(&c.IsIPV6Enabled, false)
	orDefault(&c.Staging, false)
	orText(&c.PriceClass, "PriceClass_All")
	orText(&c.HttpVersion, "http2")
	orText(&c.ConnectionMode, "direct")
	c.ViewerCertificate.normalise()
	for i := range c.Origins.Items {
		c.Origins.Items[i].normalise()
	}
	for i := range c.CustomErrorResponses.Items {
		orDefault(&c.CustomErrorResponses.Items[i].ErrorCachingMinTTL, 10)
	}
	c.DefaultCacheBehavior.normalise()
	for i := range c.CacheBehaviors.Items {
		c.CacheBehaviors.Items[i].normalise()
	}
	return nil
}

func (v *ViewerCertificate) normalise() {
	switch {
	case v.ACMCertificateArn != "":
		v.Certificate, v.CertificateSource = v.ACMCertificateArn, "acm"
	case v.IAMCertificateId != "":
		v.Certificate, v.CertificateSource = v.IAMCertificateId, "iam"
	default:
		orDefault(&v.CloudFrontDefaultCertificate, true)
		orText(&v.SSLSupportMethod, "vip")
		orText(&v.MinimumProtocolVersion, "TLSv1")
		v.CertificateSource = "cloudfront"
		return
	}
	orDefault(&v.CloudFrontDefaultCertificate, false)
}

func (o *Origin) normalise() {
	orDefault(&o.CustomHeaders, CustomHeaders{})
	orDefault(&o.ConnectionAttempts, 3)
	orDefault(&o.ConnectionTimeout, 10)
	orDefault(&o.OriginShield, OriginShield{})
	if s3 := o.S3OriginConfig; s3 != nil {
		orDefault(&s3.OriginReadTimeout, 30)
	}
	if custom := o.CustomOriginConfig; custom != nil {
		orDefault(&custom.OriginSslProtocols, SslProtocols{Quantity: 3, Items: []string{"TLSv1", "TLSv1.1", "TLSv1.2"}})
		orDefault(&custom.OriginReadTimeout, 30)
		orDefault(&custom.OriginKeepaliveTimeout, 5)
	}
}

func (b *Behavior) normalise() {
	orDefault(&b.TrustedSigners, TrustedSigners{})
	orDefault(&b.TrustedKeyGroups, TrustedKeyGroups{})
	orDefault(&b.AllowedMethods, AllowedMethods{Quantity: 2, Items: []string{"HEAD", "GET"}})
	orDefault(&b.AllowedMethods.CachedMethods, CachedMethods{Quantity: 2, Items: []string{"HEAD", "GET"}})
	orDefault(&b.SmoothStreaming, false)
	orDefault(&b.Compress, false)
	orDefault(&b.LambdaFunctionAssociations, LambdaAssociations{})
	orDefault(&b.FunctionAssociations, Associations{})
	orDefault(&b.GrpcConfig, GrpcConfig{})
	if f := b.ForwardedValues; f != nil {
		orDefault(&f.Headers, Names{})
		orDefault(&f.QueryStringCacheKeys, Names{})
		orDefault(&b.MinTTL, 0)
		// CloudFront's own defaults, or the given minimum when that is above
		orDefault(&b.DefaultTTL, max(86400, *b.MinTTL))
		orDefault(&b.MaxTTL, max(31536000, *b.DefaultTTL))
	}
}
