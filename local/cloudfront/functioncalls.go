package cloudfront

import (
	"net/http"
)

func (s *Service) createFunction(c *call) (*answer, *Error) {
	var in struct {
		Name           string
		FunctionConfig FunctionConfig
		FunctionCode   string
		Tags           tagSet
	}
	if err := decode(c.body, "CreateFunctionRequest", &in); err != nil {
		return nil, err
	}
	if !functionName.MatchString(in.Name) {
		return nil, refuse("InvalidArgument", "The parameter Name must be 1 to 64 letters, digits, hyphens and underscores, not %q.", in.Name)
	}
	tags, err := mergeTags(nil, in.Tags.Items)
	if err != nil {
		return nil, err
	}
	stage, err := s.checkedStage(in.FunctionCode, in.FunctionConfig)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions[in.Name] != nil {
		return nil, refuse("FunctionAlreadyExists", "A function with the name %s already exists.", in.Name)
	}
	if len(s.functions) >= s.options.Quotas.Functions {
		return nil, refuse("TooManyFunctions", "You have reached the maximum number of functions allowed (%d).", s.options.Quotas.Functions)
	}
	f := &function{Name: in.Name, Created: stage.Modified, Development: stage, Tags: tags}
	if err := s.keepFunction(f); err != nil {
		return nil, err
	}
	return s.functionAnswer(http.StatusCreated, f, &f.Development), nil
}

func (s *Service) updateFunction(c *call) (*answer, *Error) {
	var in struct {
		FunctionConfig FunctionConfig
		FunctionCode   string
	}
	if err := decode(c.body, "UpdateFunctionRequest", &in); err != nil {
		return nil, err
	}
	stage, err := s.checkedStage(in.FunctionCode, in.FunctionConfig)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.matchedFunction(c)
	if err != nil {
		return nil, err
	}
	f := *old
	f.Development = stage
	if err := s.keepFunction(&f); err != nil {
		return nil, err
	}
	a := s.functionAnswer(http.StatusOK, &f, &f.Development)
	a.misspelt = true
	return a, nil
}

// publishFunction copies the DEVELOPMENT stage over the LIVE one.
func (s *Service) publishFunction(c *call) (*answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.matchedFunction(c)
	if err != nil {
		return nil, err
	}
	f := *old
	live := f.Development
	if live.ETag, err = s.newETag(); err != nil {
		return nil, err
	}
	f.Live = &live
	if err := s.keepFunction(&f); err != nil {
		return nil, err
	}
	return s.functionAnswer(http.StatusOK, &f, &f.Development), nil
}

func (s *Service) deleteFunction(c *call) (*answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.matchedFunction(c)
	if err != nil {
		return nil, err
	}
	if user := s.functionUser(f.arn()); user != nil {
		return nil, refuse("FunctionInUse", "Cannot delete the function because it's attached to distribution %s.", user.ID)
	}
	if err := s.save(change{kind: kindFunction, id: f.Name}); err != nil {
		return nil, err
	}
	delete(s.functions, f.Name)
	s.publishFunctions()
	return &answer{status: http.StatusNoContent}, nil
}

// matchedFunction returns the function that a request names if its If-Match is
// the DEVELOPMENT stage's ETag. The caller holds the lock.
func (s *Service) matchedFunction(c *call) (*function, *Error) {
	f := s.functions[c.id]
	if f == nil {
		return nil, noSuchFunction()
	}
	return f, checkMatch(c.Header.Get("If-Match"), f.Development.ETag)
}

// findStage returns the function and stage that a reading request names. The
// caller holds the lock.
func (s *Service) findStage(c *call) (*function, *functionStage, *Error) {
	f := s.functions[c.id]
	if f == nil {
		return nil, nil, noSuchFunction()
	}
	stage, err := f.stage(c.query.Get("Stage"))
	return f, stage, err
}

func (s *Service) getFunction(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, stage, err := s.findStage(c)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, raw: stage.Code, rawType: "application/octet-stream", etag: stage.ETag}, nil
}

func (s *Service) describeFunction(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, stage, err := s.findStage(c)
	if err != nil {
		return nil, err
	}
	return s.functionAnswer(http.StatusOK, f, stage), nil
}

// listFunctions lists all stages, or those that the Stage parameter names.
func (s *Service) listFunctions(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := c.paged(sortedKeys(s.functions))
	if err != nil {
		return nil, err
	}
	stage := c.query.Get("Stage")
	if stage != "" {
		if err := oneOf("Stage", stage, "DEVELOPMENT", "LIVE"); err != nil {
			return nil, err
		}
	}
	var items []functionSummary
	for _, name := range p.keys {
		f := s.functions[name]
		if stage != "LIVE" {
			items = append(items, s.summary(f, &f.Development))
		}
		if stage != "DEVELOPMENT" && f.Live != nil {
			items = append(items, s.summary(f, f.Live))
		}
	}
	return &answer{status: http.StatusOK, root: "FunctionList", body: struct {
		NextMarker string `xml:",omitempty"`
		MaxItems   int
		Quantity   int
		Items      []functionSummary `xml:"Items>FunctionSummary,omitempty"`
	}{p.next, p.maxItems, len(items), items}}, nil
}
