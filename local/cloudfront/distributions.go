package cloudfront

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// distributionView is the API's element Distribution.
type distributionView struct {
	Id                            string //nolint:revive // the API's name
	ARN                           string
	Status                        string
	LastModifiedTime              time.Time
	InProgressInvalidationBatches int
	DomainName                    string
	ActiveTrustedSigners          TrustedSigners
	ActiveTrustedKeyGroups        TrustedKeyGroups
	DistributionConfig            *DistributionConfig
}

func (s *Service) viewDistribution(d *distribution) distributionView {
	now := s.now()
	underway := 0
	for _, i := range s.invalidations[d.ID] {
		if now.Before(i.Done) {
			underway++
		}
	}
	return distributionView{
		Id: d.ID, ARN: d.arn(), Status: d.status(now), LastModifiedTime: d.Modified,
		InProgressInvalidationBatches: underway, DomainName: d.Domain, DistributionConfig: d.Config,
	}
}

func (s *Service) createDistribution(c *call) (*answer, *Error) {
	var config DistributionConfig
	if err := decode(c.body, "DistributionConfig", &config); err != nil {
		return nil, err
	}
	return s.addDistribution(&config, nil)
}

func (s *Service) createDistributionWithTags(c *call) (*answer, *Error) {
	var both struct {
		DistributionConfig *DistributionConfig
		Tags               tagSet
	}
	if err := decode(c.body, "DistributionConfigWithTags", &both); err != nil {
		return nil, err
	}
	if both.DistributionConfig == nil {
		return nil, refuse("MalformedXML", "The XML document is malformed: there is no element DistributionConfig")
	}
	tags, err := mergeTags(nil, both.Tags.Items)
	if err != nil {
		return nil, err
	}
	return s.addDistribution(both.DistributionConfig, tags)
}

func (s *Service) addDistribution(config *DistributionConfig, tags []Tag) (*answer, *Error) {
	if err := config.normalise(); err != nil {
		return nil, err
	}
	request, err := digest(config)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.byReference(config.CallerReference); known != nil {
		if known.Request == request {
			return s.distributionAnswer(http.StatusCreated, known), nil
		}
		return nil, refuse("DistributionAlreadyExists", "The caller reference that you are using to create a distribution is associated with another distribution. Already exists: %s", known.ID)
	}
	if err := s.checkDistribution(config, ""); err != nil {
		return nil, err
	}
	if len(s.distributions) >= s.options.Quotas.Distributions {
		return nil, refuse("TooManyDistributions", "Processing your request will cause your AWS account to exceed the maximum number of distributions allowed (%d).", s.options.Quotas.Distributions)
	}
	d := &distribution{Config: config, Request: request, Tags: tags}
	if d.ID, err = s.newID("E", func(id string) bool { return s.distributions[id] != nil }); err != nil {
		return nil, err
	}
	if d.Domain, err = s.text("d", lowerAlnum, 13); err != nil {
		return nil, err
	}
	d.Domain += "." + s.options.DomainSuffix
	if err := s.touch(d); err != nil {
		return nil, err
	}
	return s.distributionAnswer(http.StatusCreated, d), s.keepDistribution(d)
}

// touch gives a changed distribution its new ETag and times.
func (s *Service) touch(d *distribution) (err *Error) {
	d.ETag, err = s.newETag()
	d.Modified = s.now()
	d.Spread = d.Modified.Add(s.options.Propagation)
	return err
}

// keepDistribution writes d, and then makes it visible.
func (s *Service) keepDistribution(d *distribution) *Error {
	if err := s.save(change{kindDistribution, d.ID, d}); err != nil {
		return err
	}
	d.refresh()
	s.distributions[d.ID] = d
	s.publishHosts()
	return nil
}

func (s *Service) distributionAnswer(status int, d *distribution) *answer {
	a := &answer{status: status, root: "Distribution", body: s.viewDistribution(d), etag: d.ETag}
	if status == http.StatusCreated {
		a.location = "distribution/" + d.ID
	}
	return a
}

func (s *Service) byReference(reference string) *distribution {
	for _, d := range s.distributions {
		if d.Config.CallerReference == reference {
			return d
		}
	}
	return nil
}

func (s *Service) getDistribution(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := s.distributions[c.id]
	if d == nil {
		return nil, noSuchDistribution()
	}
	return s.distributionAnswer(http.StatusOK, d), nil
}

func (s *Service) getDistributionConfig(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := s.distributions[c.id]
	if d == nil {
		return nil, noSuchDistribution()
	}
	return &answer{status: http.StatusOK, root: "DistributionConfig", body: d.Config, etag: d.ETag}, nil
}

func (s *Service) updateDistribution(c *call) (*answer, *Error) {
	config := new(DistributionConfig)
	if err := decode(c.body, "DistributionConfig", config); err != nil {
		return nil, err
	}
	if err := config.normalise(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.distributions[c.id]
	if old == nil {
		return nil, noSuchDistribution()
	}
	if err := checkMatch(c.Header.Get("If-Match"), old.ETag); err != nil {
		return nil, err
	}
	if config.CallerReference != old.Config.CallerReference {
		return nil, refuse("IllegalUpdate", "The update contains modifications that are not allowed: CallerReference cannot change.")
	}
	if err := s.checkDistribution(config, old.ID); err != nil {
		return nil, err
	}
	changed := *old
	changed.Config = config
	changed.Previous = old.serving(s.now())
	changed.before = old.keep(old.after, changed.Previous)
	if old.before != nil && changed.Previous == old.Previous {
		changed.before = old.before
	}
	if err := s.touch(&changed); err != nil {
		return nil, err
	}
	return s.distributionAnswer(http.StatusOK, &changed), s.keepDistribution(&changed)
}

func (s *Service) deleteDistribution(c *call) (*answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.distributions[c.id]
	if d == nil {
		return nil, noSuchDistribution()
	}
	if err := checkMatch(c.Header.Get("If-Match"), d.ETag); err != nil {
		return nil, err
	}
	if d.Config.On() || !d.deployed(s.now()) {
		return nil, refuse("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
	}
	changes := []change{{kind: kindDistribution, id: d.ID}}
	for id := range s.invalidations[d.ID] {
		changes = append(changes, change{kind: kindInvalidation, id: d.ID + "/" + id})
	}
	if err := s.save(changes...); err != nil {
		return nil, err
	}
	delete(s.distributions, d.ID)
	delete(s.invalidations, d.ID)
	s.publishHosts()
	return &answer{status: http.StatusNoContent}, nil
}

// digest tells the content of one creating request from another's.
func digest(config *DistributionConfig) (string, *Error) {
	body, err := json.Marshal(config)
	if err != nil {
		return "", refuse("InternalError", "The configuration could not be encoded: %v", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}
