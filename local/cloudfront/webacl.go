package cloudfront

// checkWebACL refuses the ARN of a web ACL that is not there.
func (s *Service) checkWebACL(arn string) *Error {
	if arn == "" || s.options.WebACL(arn) {
		return nil
	}
	return refuse("InvalidWebACLId", "The web ACL ID specified is not valid. To specify a web ACL created using the latest version of AWS WAF, use the ACL ARN: %q", arn)
}

// NamesWebACL tells whether a distribution names the web ACL with an ARN: in
// its configuration, or in the one before, which the edge serves by until the
// change has spread.
func (s *Service) NamesWebACL(arn string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.now()
	for _, d := range s.distributions {
		if d.Config.WebACLId == arn || d.serving(now).WebACLId == arn {
			return true
		}
	}
	return false
}
