package cloudfront

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// FunctionConfig is the API's element of the same name.
type FunctionConfig struct {
	Comment                   string
	Runtime                   string
	KeyValueStoreAssociations *keyValueStores `xml:",omitempty"`
}

type keyValueStores struct {
	Quantity int
	Items    []struct{ KeyValueStoreARN string } `xml:"Items>KeyValueStoreAssociation,omitempty"`
}

// Function is a CloudFront function in its LIVE stage. It never changes: each
// publication makes another one.
type Function struct {
	Name    string
	ARN     string
	ETag    string
	Runtime string // cloudfront-js-1.0 or cloudfront-js-2.0
	Code    []byte
}

const maxFunctionCode = 10 << 10

var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

type functionSummary struct {
	Name             string
	Status           string
	FunctionConfig   FunctionConfig
	FunctionMetadata functionMetadata
}

type functionMetadata struct {
	FunctionARN      string
	Stage            string
	CreatedTime      time.Time
	LastModifiedTime time.Time
}

// refresh makes what the edge sees of the record's present content.
func (f *function) refresh() {
	if f.Live == nil || f.published != nil && f.published.ETag == f.Live.ETag {
		return
	}
	f.published = &Function{Name: f.Name, ARN: f.arn(), ETag: f.Live.ETag, Runtime: f.Live.Config.Runtime, Code: f.Live.Code}
}

// publishFunctions makes the LIVE stages visible to LiveFunction.
func (s *Service) publishFunctions() {
	all := make(map[string]*Function, len(s.functions))
	for _, f := range s.functions {
		if f.published != nil {
			all[f.published.ARN] = f.published
		}
	}
	s.published.Store(&all)
}

// LiveFunction returns the LIVE stage of the function with this ARN. It takes
// no lock. A publication is visible at once.
func (s *Service) LiveFunction(arn string) (*Function, bool) {
	f, ok := (*s.published.Load())[arn]
	return f, ok
}

func (s *Service) keepFunction(f *function) *Error {
	if err := s.save(change{kindFunction, f.Name, f}); err != nil {
		return err
	}
	f.refresh()
	s.functions[f.Name] = f
	s.publishFunctions()
	return nil
}

// stage returns the stage that a request names: DEVELOPMENT unless it says
// LIVE.
func (f *function) stage(name string) (*functionStage, *Error) {
	switch name {
	case "", "DEVELOPMENT":
		return &f.Development, nil
	case "LIVE":
		if f.Live == nil {
			return nil, noSuchFunction()
		}
		return f.Live, nil
	}
	return nil, oneOf("Stage", name, "DEVELOPMENT", "LIVE")
}

func (s *Service) summary(f *function, stage *functionStage) functionSummary {
	name, status := "DEVELOPMENT", "UNPUBLISHED"
	if f.Live != nil && f.Development.Modified.Equal(f.Live.Modified) {
		status = "UNASSOCIATED"
	}
	if stage == f.Live {
		name, status = "LIVE", "UNASSOCIATED"
		if d := s.functionUser(f.arn()); d != nil {
			status = strings.ToUpper(d.status(s.now()))
			if status == "INPROGRESS" {
				status = "IN_PROGRESS"
			}
		}
	}
	return functionSummary{
		Name: f.Name, Status: status, FunctionConfig: stage.Config,
		FunctionMetadata: functionMetadata{FunctionARN: f.arn(), Stage: name, CreatedTime: f.Created, LastModifiedTime: stage.Modified},
	}
}

// functionUser returns a distribution that names the function, in what it
// shall be or in what is still served.
func (s *Service) functionUser(arn string) *distribution {
	now := s.now()
	for _, d := range s.distributions {
		for _, config := range []*DistributionConfig{d.Config, d.serving(now)} {
			for _, b := range config.behaviors() {
				for _, a := range b.FunctionAssociations.Items {
					if a.FunctionARN == arn {
						return d
					}
				}
			}
		}
	}
	return nil
}

func (c *DistributionConfig) behaviors() []*Behavior {
	all := []*Behavior{c.DefaultCacheBehavior}
	for i := range c.CacheBehaviors.Items {
		all = append(all, &c.CacheBehaviors.Items[i].Behavior)
	}
	return all
}

// checkedStage makes a new DEVELOPMENT stage of what a request carries.
func (s *Service) checkedStage(code string, config FunctionConfig) (stage functionStage, err *Error) {
	raw, decodeErr := base64.StdEncoding.DecodeString(strings.TrimSpace(code))
	switch {
	case decodeErr != nil:
		return stage, refuse("InvalidArgument", "The parameter FunctionCode must be base64: %v", decodeErr)
	case len(raw) == 0:
		return stage, refuse("InvalidArgument", "The parameter FunctionCode is required.")
	case len(raw) > maxFunctionCode:
		return stage, refuse("FunctionSizeLimitExceeded", "The function code is %d bytes; the limit is %d.", len(raw), maxFunctionCode)
	case config.KeyValueStoreAssociations != nil && len(config.KeyValueStoreAssociations.Items) > 0:
		return stage, notHere("key value stores")
	}
	if err := firstError(checkComment(config.Comment), oneOf("Runtime", config.Runtime, "cloudfront-js-1.0", "cloudfront-js-2.0")); err != nil {
		return stage, err
	}
	stage = functionStage{Config: config, Code: raw, Modified: s.now()}
	stage.ETag, err = s.newETag()
	return stage, err
}

func (s *Service) functionAnswer(status int, f *function, stage *functionStage) *answer {
	a := &answer{status: status, root: "FunctionSummary", body: s.summary(f, stage), etag: stage.ETag}
	if status == http.StatusCreated {
		a.location = "function/" + f.arn()
	}
	return a
}
