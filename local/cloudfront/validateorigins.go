package cloudfront

import "strings"

func (s *Service) checkOrigins(c *DistributionConfig) *Error {
	if len(c.Origins.Items) > s.options.Quotas.OriginsPerDistribution {
		return refuse("TooManyOrigins", "You cannot create more origins for the distribution (%d).", s.options.Quotas.OriginsPerDistribution)
	}
	known := map[string]bool{}
	for i := range c.Origins.Items {
		o := &c.Origins.Items[i]
		if o.Id == "" || known[o.Id] {
			return refuse("InvalidArgument", "The parameter Origin Id must be given and different for each origin: %q", o.Id)
		}
		known[o.Id] = true
		if err := s.checkOrigin(o); err != nil {
			return err
		}
	}
	for _, g := range c.OriginGroups.Items {
		if g.Id == "" || known[g.Id] {
			return refuse("InvalidArgument", "The parameter OriginGroup Id must be given and different from all others: %q", g.Id)
		}
		if len(g.Members.Items) != 2 {
			return refuse("InvalidArgument", "The origin group %s must have exactly two members.", g.Id)
		}
		for _, m := range g.Members.Items {
			if !known[m.OriginId] {
				return noSuchOrigin()
			}
		}
	}
	return nil
}

func noSuchOrigin() *Error {
	return refuse("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
}

func (s *Service) checkOrigin(o *Origin) *Error {
	if o.DomainName == "" || len(o.DomainName) > 253 || strings.ContainsAny(o.DomainName, "/ :?#") {
		return refuse("InvalidOrigin", "The specified origin server does not exist or is not valid: %q", o.DomainName)
	}
	if o.OriginPath != "" && (!strings.HasPrefix(o.OriginPath, "/") || strings.HasSuffix(o.OriginPath, "/") || len(o.OriginPath) > 255) {
		return refuse("InvalidArgument", "The parameter OriginPath must begin with a slash and not end with one: %q", o.OriginPath)
	}
	if err := firstError(
		within("ConnectionAttempts", int64(*o.ConnectionAttempts), 1, 3),
		within("ConnectionTimeout", int64(*o.ConnectionTimeout), 1, 10),
	); err != nil {
		return err
	}
	switch {
	case (o.S3OriginConfig == nil) == (o.CustomOriginConfig == nil):
		return refuse("InvalidOrigin", "The origin %s must have either S3OriginConfig or CustomOriginConfig.", o.Id)
	case o.S3OriginConfig != nil:
		return s.checkS3Origin(o)
	case o.OriginAccessControlId != "":
		return refuse("InvalidOriginAccessControl", "The origin access control is not valid for the custom origin %s.", o.Id)
	}
	custom := o.CustomOriginConfig
	return firstError(
		within("HTTPPort", int64(custom.HTTPPort), 1, 65535),
		within("HTTPSPort", int64(custom.HTTPSPort), 1, 65535),
		oneOf("OriginProtocolPolicy", custom.OriginProtocolPolicy, "http-only", "match-viewer", "https-only"),
		within("OriginReadTimeout", int64(*custom.OriginReadTimeout), 1, 180),
		within("OriginKeepaliveTimeout", int64(*custom.OriginKeepaliveTimeout), 1, 180),
	)
}

func (s *Service) checkS3Origin(o *Origin) *Error {
	name := o.S3OriginConfig.OriginAccessIdentity
	switch {
	case !strings.Contains(o.DomainName, ".s3.") && !strings.Contains(o.DomainName, ".s3-"):
		return refuse("InvalidArgument", "The parameter Origin DomainName does not refer to a valid S3 bucket: %q", o.DomainName)
	case name != "" && o.OriginAccessControlId != "":
		return refuse("InvalidOriginAccessControl", "The origin %s has both an origin access identity and an origin access control.", o.Id)
	}
	if name != "" {
		id, ok := strings.CutPrefix(name, identityPrefix)
		if !ok || s.identities[id] == nil {
			return refuse("InvalidOriginAccessIdentity", "The specified origin access identity does not exist or is not valid: %q", name)
		}
	}
	if o.OriginAccessControlId != "" {
		control := s.controls[o.OriginAccessControlId]
		if control == nil {
			return noSuchAccessControl()
		}
		if control.Config.OriginAccessControlOriginType != "s3" {
			return refuse("InvalidOriginAccessControl", "The origin access control %s is for origins of type %s.", control.ID, control.Config.OriginAccessControlOriginType)
		}
	}
	return nil
}
