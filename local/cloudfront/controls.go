package cloudfront

import "net/http"

// OriginAccessControlConfig is the API's element of the same name.
type OriginAccessControlConfig struct {
	Name                          string
	Description                   string
	SigningProtocol               string
	SigningBehavior               string
	OriginAccessControlOriginType string
}

type controlView struct {
	Id                        string //nolint:revive // the API's name
	OriginAccessControlConfig OriginAccessControlConfig
}

func decodeControl(c *call) (OriginAccessControlConfig, *Error) {
	var config OriginAccessControlConfig
	if err := decode(c.body, "OriginAccessControlConfig", &config); err != nil {
		return config, err
	}
	if config.Name == "" || len(config.Name) > 64 {
		return config, refuse("InvalidArgument", "The parameter Name must have 1 to 64 characters.")
	}
	if len(config.Description) > 256 {
		return config, refuse("InvalidArgument", "The parameter Description must have at most 256 characters.")
	}
	return config, firstError(
		oneOf("SigningProtocol", config.SigningProtocol, "sigv4"),
		oneOf("SigningBehavior", config.SigningBehavior, "always", "never", "no-override"),
		oneOf("OriginAccessControlOriginType", config.OriginAccessControlOriginType, "s3", "mediastore", "mediapackagev2", "lambda"),
	)
}

// checkControlName refuses a name that another access control has.
func (s *Service) checkControlName(name, self string) *Error {
	for id, other := range s.controls {
		if id != self && other.Config.Name == name {
			return refuse("OriginAccessControlAlreadyExists", "An origin access control with the name %s already exists.", name)
		}
	}
	return nil
}

func (s *Service) createControl(c *call) (*answer, *Error) {
	config, err := decodeControl(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkControlName(config.Name, ""); err != nil {
		return nil, err
	}
	if len(s.controls) >= s.options.Quotas.OACs {
		return nil, refuse("TooManyOriginAccessControls", "Processing your request will cause your AWS account to exceed the maximum number of origin access controls allowed (%d).", s.options.Quotas.OACs)
	}
	a := &accessControl{Config: config}
	if a.ID, err = s.newID("E", func(id string) bool { return s.controls[id] != nil }); err != nil {
		return nil, err
	}
	return s.keepControl(a, http.StatusCreated)
}

func (s *Service) keepControl(a *accessControl, status int) (_ *answer, err *Error) {
	if a.ETag, err = s.newETag(); err != nil {
		return nil, err
	}
	if err := s.save(change{kindControl, a.ID, a}); err != nil {
		return nil, err
	}
	s.controls[a.ID] = a
	return a.answer(status), nil
}

func (a *accessControl) answer(status int) *answer {
	result := &answer{status: status, root: "OriginAccessControl", body: controlView{a.ID, a.Config}, etag: a.ETag}
	if status == http.StatusCreated {
		result.location = "origin-access-control/" + a.ID
	}
	return result
}

func (s *Service) listControls(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := c.paged(sortedKeys(s.controls))
	if err != nil {
		return nil, err
	}
	type summary struct {
		Id string //nolint:revive // the API's name
		OriginAccessControlConfig
	}
	items := make([]summary, 0, len(p.keys))
	for _, id := range p.keys {
		items = append(items, summary{id, s.controls[id].Config})
	}
	return &answer{status: http.StatusOK, root: "OriginAccessControlList", body: struct {
		Marker      string
		NextMarker  string `xml:",omitempty"`
		MaxItems    int
		IsTruncated bool
		Quantity    int
		Items       []summary `xml:"Items>OriginAccessControlSummary,omitempty"`
	}{p.marker, p.next, p.maxItems, p.next != "", len(items), items}}, nil
}

func (s *Service) getControl(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.controls[c.id]
	if a == nil {
		return nil, noSuchAccessControl()
	}
	return a.answer(http.StatusOK), nil
}

func (s *Service) getControlConfig(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.controls[c.id]
	if a == nil {
		return nil, noSuchAccessControl()
	}
	return &answer{status: http.StatusOK, root: "OriginAccessControlConfig", body: a.Config, etag: a.ETag}, nil
}

func (s *Service) updateControl(c *call) (*answer, *Error) {
	config, err := decodeControl(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.controls[c.id]
	if old == nil {
		return nil, noSuchAccessControl()
	}
	if err := checkMatch(c.Header.Get("If-Match"), old.ETag); err != nil {
		return nil, err
	}
	if err := s.checkControlName(config.Name, old.ID); err != nil {
		return nil, err
	}
	if config.OriginAccessControlOriginType != old.Config.OriginAccessControlOriginType {
		return nil, refuse("IllegalUpdate", "The update contains modifications that are not allowed: OriginAccessControlOriginType cannot change.")
	}
	return s.keepControl(&accessControl{ID: old.ID, Config: config}, http.StatusOK)
}

func (s *Service) deleteControl(c *call) (*answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.controls[c.id]
	if a == nil {
		return nil, noSuchAccessControl()
	}
	if err := checkMatch(c.Header.Get("If-Match"), a.ETag); err != nil {
		return nil, err
	}
	if user := s.originUser(func(o *Origin) bool { return o.OriginAccessControlId == a.ID }); user != "" {
		return nil, refuse("OriginAccessControlInUse", "Cannot delete the origin access control because it's in use by distribution %s.", user)
	}
	if err := s.save(change{kind: kindControl, id: a.ID}); err != nil {
		return nil, err
	}
	delete(s.controls, a.ID)
	return &answer{status: http.StatusNoContent}, nil
}

// OriginAccessControl returns the configuration of an origin access control.
func (s *Service) OriginAccessControl(id string) (OriginAccessControlConfig, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a := s.controls[id]; a != nil {
		return a.Config, true
	}
	return OriginAccessControlConfig{}, false
}
