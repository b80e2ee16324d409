package cloudfront

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Invalidation says which paths of a distribution must not be served from a
// cache any more. A path may end in *.
type Invalidation struct {
	DistributionID string
	ID             string
	Paths          []string
	Created        time.Time
}

type listener struct{ do func(Invalidation) }

// OnInvalidation makes do called, in the request's goroutine, for each new
// invalidation before its request is answered, until stop is called. So a
// cache is clean before anybody can see the invalidation as completed. A cache
// that does not outlive the process needs nothing else.
func (s *Service) OnInvalidation(do func(Invalidation)) (stop func()) {
	added := &listener{do}
	s.mu.Lock()
	defer s.mu.Unlock()
	grown := append(slices.Clone(*s.listeners.Load()), added)
	s.listeners.Store(&grown)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		rest := slices.DeleteFunc(slices.Clone(*s.listeners.Load()), func(l *listener) bool { return l == added })
		s.listeners.Store(&rest)
	}
}

type invalidationBatch struct {
	Paths           invalidationPaths
	CallerReference string
}

type invalidationPaths struct {
	Quantity int
	Items    []string `xml:"Items>Path,omitempty"`
}

type invalidationView struct {
	Id                string //nolint:revive // the API's name
	Status            string
	CreateTime        time.Time
	InvalidationBatch invalidationBatch
}

func (s *Service) viewInvalidation(i *invalidation) invalidationView {
	return invalidationView{
		Id: i.ID, Status: i.status(s.now()), CreateTime: i.Created,
		InvalidationBatch: invalidationBatch{Paths: invalidationPaths{len(i.Paths), i.Paths}, CallerReference: i.Reference},
	}
}

func (s *Service) createInvalidation(c *call) (*answer, *Error) {
	var batch invalidationBatch
	if err := decode(c.body, "InvalidationBatch", &batch); err != nil {
		return nil, err
	}
	if batch.CallerReference == "" {
		return nil, refuse("InvalidArgument", "The parameter CallerReference is required.")
	}
	if len(batch.Paths.Items) == 0 {
		return nil, refuse("InvalidArgument", "Your request must contain at least one path to invalidate.")
	}
	for _, path := range batch.Paths.Items {
		if !strings.HasPrefix(path, "/") || len(path) > 4000 {
			return nil, refuse("InvalidArgument", "Your request contains one or more invalid invalidation paths: %q must begin with a slash and have at most 4000 characters.", path)
		}
	}
	created, result, err := s.addInvalidationOf(c.id, batch)
	if err != nil || created == nil {
		return result, err
	}
	for _, l := range *s.listeners.Load() {
		l.do(*created)
	}
	return result, nil
}

// addInvalidationOf keeps a new invalidation, and returns it for the caches;
// for one that is known it returns the answer alone.
func (s *Service) addInvalidationOf(id string, batch invalidationBatch) (*Invalidation, *answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.distributions[id] == nil {
		return nil, nil, noSuchDistribution()
	}
	for _, known := range s.invalidations[id] {
		if known.Reference != batch.CallerReference {
			continue
		}
		if slices.Equal(known.Paths, batch.Paths.Items) {
			return nil, s.invalidationAnswer(http.StatusCreated, known), nil
		}
		return nil, nil, refuse("InvalidationBatchAlreadyExists", "Your request contains a caller reference that was used for a previous invalidation batch for the same distribution.")
	}
	if err := s.checkInvalidationQuota(batch.Paths.Items); err != nil {
		return nil, nil, err
	}
	now := s.now()
	i := &invalidation{Distribution: id, Created: now, Done: now.Add(s.options.Propagation), Reference: batch.CallerReference, Paths: batch.Paths.Items}
	var err *Error
	if i.ID, err = s.newID("I", func(new string) bool { return s.invalidations[id][new] != nil }); err != nil {
		return nil, nil, err
	}
	changes := []change{{kindInvalidation, id + "/" + i.ID, i}}
	old := s.oldInvalidations(id, now)
	for _, each := range old {
		changes = append(changes, change{kind: kindInvalidation, id: id + "/" + each})
	}
	if err := s.save(changes...); err != nil {
		return nil, nil, err
	}
	s.addInvalidation(i)
	for _, each := range old {
		delete(s.invalidations[id], each)
	}
	return &Invalidation{DistributionID: id, ID: i.ID, Paths: i.Paths, Created: now}, s.invalidationAnswer(http.StatusCreated, i), nil
}

// keptInvalidations is how many invalidations of a distribution are kept; the
// oldest completed ones beyond it are forgotten.
const keptInvalidations = 200

func (s *Service) oldInvalidations(distribution string, now time.Time) []string {
	all := s.invalidations[distribution]
	if len(all) < keptInvalidations {
		return nil
	}
	byAge := slices.SortedFunc(maps.Values(all), func(a, b *invalidation) int { return a.Created.Compare(b.Created) })
	var old []string
	for _, i := range byAge[:len(byAge)-keptInvalidations+1] {
		if !now.Before(i.Done) {
			old = append(old, i.ID)
		}
	}
	return old
}

// checkInvalidationQuota counts the account's paths in progress, and those
// with a wildcard among them.
func (s *Service) checkInvalidationQuota(paths []string) *Error {
	files, wildcards := 0, 0
	count := func(paths []string) {
		for _, path := range paths {
			if strings.HasSuffix(path, "*") {
				wildcards++
			} else {
				files++
			}
		}
	}
	count(paths)
	now := s.now()
	for _, each := range s.invalidations {
		for _, i := range each {
			if now.Before(i.Done) {
				count(i.Paths)
			}
		}
	}
	if files > s.options.Quotas.InvalidationFiles {
		return refuse("TooManyInvalidationsInProgress", "Processing your request will cause you to exceed the maximum number of in-progress invalidation paths (%d).", s.options.Quotas.InvalidationFiles)
	}
	if wildcards > s.options.Quotas.InvalidationWildcards {
		return refuse("TooManyInvalidationsInProgress", "Processing your request will cause you to exceed the maximum number of in-progress wildcard invalidations (%d).", s.options.Quotas.InvalidationWildcards)
	}
	return nil
}

func (s *Service) invalidationAnswer(status int, i *invalidation) *answer {
	a := &answer{status: status, root: "Invalidation", body: s.viewInvalidation(i)}
	if status == http.StatusCreated {
		a.location = "distribution/" + i.Distribution + "/invalidation/" + i.ID
	}
	return a
}

func (s *Service) getInvalidation(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.distributions[c.id] == nil {
		return nil, noSuchDistribution()
	}
	i := s.invalidations[c.id][c.sub]
	if i == nil {
		return nil, refuse("NoSuchInvalidation", "The specified invalidation does not exist.")
	}
	return s.invalidationAnswer(http.StatusOK, i), nil
}

func (s *Service) listInvalidations(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.distributions[c.id] == nil {
		return nil, noSuchDistribution()
	}
	p, err := c.paged(sortedKeys(s.invalidations[c.id]))
	if err != nil {
		return nil, err
	}
	type summary struct {
		Id         string //nolint:revive // the API's name
		CreateTime time.Time
		Status     string
	}
	items := make([]summary, 0, len(p.keys))
	for _, id := range p.keys {
		i := s.invalidations[c.id][id]
		items = append(items, summary{i.ID, i.Created, i.status(s.now())})
	}
	return &answer{status: http.StatusOK, root: "InvalidationList", body: struct {
		Marker      string
		NextMarker  string `xml:",omitempty"`
		MaxItems    int
		IsTruncated bool
		Quantity    int
		Items       []summary `xml:"Items>InvalidationSummary,omitempty"`
	}{p.marker, p.next, p.maxItems, p.next != "", len(items), items}}, nil
}
