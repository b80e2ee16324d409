package cloudfront

import "net/http"

const identityPath = "origin-access-identity/cloudfront"

type identityConfig struct {
	CallerReference string
	Comment         string
}

type identityView struct {
	Id                                   string //nolint:revive // the API's name
	S3CanonicalUserId                    string //nolint:revive // the API's name
	CloudFrontOriginAccessIdentityConfig identityConfig
}

func (i *identity) view() identityView {
	return identityView{i.ID, i.CanonicalUser, identityConfig{i.CallerReference, i.Comment}}
}

func decodeIdentity(c *call) (identityConfig, *Error) {
	var config identityConfig
	if err := decode(c.body, "CloudFrontOriginAccessIdentityConfig", &config); err != nil {
		return config, err
	}
	if config.CallerReference == "" {
		return config, refuse("InvalidArgument", "The parameter CallerReference is required.")
	}
	return config, checkComment(config.Comment)
}

func (s *Service) createIdentity(c *call) (*answer, *Error) {
	config, err := decodeIdentity(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.identities {
		if known.CallerReference != config.CallerReference {
			continue
		}
		if known.CreatedComment == config.Comment {
			return known.answer(http.StatusCreated), nil
		}
		return nil, refuse("CloudFrontOriginAccessIdentityAlreadyExists", "The caller reference that you are using to create an origin access identity is associated with another origin access identity. Already exists: %s", known.ID)
	}
	if len(s.identities) >= s.options.Quotas.OAIs {
		return nil, refuse("TooManyCloudFrontOriginAccessIdentities", "Processing your request will cause your AWS account to exceed the maximum number of origin access identities allowed (%d).", s.options.Quotas.OAIs)
	}
	i := &identity{CallerReference: config.CallerReference, Comment: config.Comment, CreatedComment: config.Comment}
	if i.ID, err = s.newID("E", func(id string) bool { return s.identities[id] != nil }); err != nil {
		return nil, err
	}
	if i.CanonicalUser, err = s.newCanonicalUser(); err != nil {
		return nil, err
	}
	return s.keepIdentity(i, http.StatusCreated)
}

func (s *Service) keepIdentity(i *identity, status int) (_ *answer, err *Error) {
	if i.ETag, err = s.newETag(); err != nil {
		return nil, err
	}
	if err := s.save(change{kindIdentity, i.ID, i}); err != nil {
		return nil, err
	}
	s.identities[i.ID] = i
	return i.answer(status), nil
}

func (i *identity) answer(status int) *answer {
	a := &answer{status: status, root: "CloudFrontOriginAccessIdentity", body: i.view(), etag: i.ETag}
	if status == http.StatusCreated {
		a.location = identityPath + "/" + i.ID
	}
	return a
}

func (s *Service) listIdentities(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := c.paged(sortedKeys(s.identities))
	if err != nil {
		return nil, err
	}
	type summary struct {
		Id                string //nolint:revive // the API's name
		S3CanonicalUserId string //nolint:revive // the API's name
		Comment           string
	}
	items := make([]summary, 0, len(p.keys))
	for _, id := range p.keys {
		i := s.identities[id]
		items = append(items, summary{i.ID, i.CanonicalUser, i.Comment})
	}
	return &answer{status: http.StatusOK, root: "CloudFrontOriginAccessIdentityList", body: struct {
		Marker      string
		NextMarker  string `xml:",omitempty"`
		MaxItems    int
		IsTruncated bool
		Quantity    int
		Items       []summary `xml:"Items>CloudFrontOriginAccessIdentitySummary,omitempty"`
	}{p.marker, p.next, p.maxItems, p.next != "", len(items), items}}, nil
}

func (s *Service) getIdentity(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i := s.identities[c.id]
	if i == nil {
		return nil, noSuchIdentity()
	}
	return i.answer(http.StatusOK), nil
}

func (s *Service) getIdentityConfig(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i := s.identities[c.id]
	if i == nil {
		return nil, noSuchIdentity()
	}
	return &answer{status: http.StatusOK, root: "CloudFrontOriginAccessIdentityConfig", body: i.view().CloudFrontOriginAccessIdentityConfig, etag: i.ETag}, nil
}

func (s *Service) updateIdentity(c *call) (*answer, *Error) {
	config, err := decodeIdentity(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.identities[c.id]
	if old == nil {
		return nil, noSuchIdentity()
	}
	if err := checkMatch(c.Header.Get("If-Match"), old.ETag); err != nil {
		return nil, err
	}
	if config.CallerReference != old.CallerReference {
		return nil, refuse("IllegalUpdate", "The update contains modifications that are not allowed: CallerReference cannot change.")
	}
	changed := *old
	changed.Comment = config.Comment
	return s.keepIdentity(&changed, http.StatusOK)
}

func (s *Service) deleteIdentity(c *call) (*answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.identities[c.id]
	if i == nil {
		return nil, noSuchIdentity()
	}
	if err := checkMatch(c.Header.Get("If-Match"), i.ETag); err != nil {
		return nil, err
	}
	if user := s.originUser(func(o *Origin) bool {
		return o.S3OriginConfig != nil && o.S3OriginConfig.OriginAccessIdentity == identityPrefix+i.ID
	}); user != "" {
		return nil, refuse("CloudFrontOriginAccessIdentityInUse", "The CloudFront origin access identity is still being used by distribution %s.", user)
	}
	if err := s.save(change{kind: kindIdentity, id: i.ID}); err != nil {
		return nil, err
	}
	delete(s.identities, i.ID)
	return &answer{status: http.StatusNoContent}, nil
}

// originUser returns a distribution with an origin that uses says yes to, in
// what it shall be or in what is still served; or nothing.
func (s *Service) originUser(uses func(*Origin) bool) string {
	now := s.now()
	for id, d := range s.distributions {
		for _, config := range []*DistributionConfig{d.Config, d.serving(now)} {
			for i := range config.Origins.Items {
				if uses(&config.Origins.Items[i]) {
					return id
				}
			}
		}
	}
	return ""
}

// OriginAccessIdentity returns the S3 canonical user id of an origin access
// identity.
func (s *Service) OriginAccessIdentity(id string) (canonicalUserID string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i := s.identities[id]; i != nil {
		return i.CanonicalUser, true
	}
	return "", false
}

// OAIByCanonicalUser returns the origin access identity that an S3 canonical
// user id belongs to.
func (s *Service) OAIByCanonicalUser(canonicalUserID string) (id string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, i := range s.identities {
		if i.CanonicalUser == canonicalUserID {
			return id, true
		}
	}
	return "", false
}
