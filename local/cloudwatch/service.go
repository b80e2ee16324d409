package cloudwatch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Options are what a Service needs. Dir is required.
type Options struct {
	// Dir is where the file of metrics is kept; it is made when missing.
	Dir string
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Delay is how late the metrics of namespaces that begin with AWS/ are told:
	// AWS tells them minutes after what they tell of.
	Delay time.Duration
	// NewID makes the id of each answer; nil makes random ones.
	NewID func() string
}

// Service is CloudWatch. All its methods may be called at any time by any
// goroutine.
type Service struct {
	o          Options
	store      *store
	operations map[string]operation
}

// New opens what is kept in Options.Dir.
func New(o Options) (*Service, error) {
	if o.Dir == "" {
		return nil, errors.New("cloudwatch: Dir is required")
	}
	if o.Delay < 0 {
		return nil, errors.New("cloudwatch: Delay is negative")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = rand.Text
	}
	kept, err := openStore(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("cloudwatch: %w", err)
	}
	s := &Service{o: o, store: kept}
	s.operations = map[string]operation{
		"PutMetricData":       typed(s.putMetricData),
		"GetMetricData":       typed(s.getMetricData),
		"GetMetricStatistics": typed(s.getMetricStatistics),
		"ListMetrics":         typed(s.listMetrics),
	}
	return s, nil
}

// Close closes the file.
func (s *Service) Close() error {
	if err := s.store.close(); err != nil {
		return fmt.Errorf("cloudwatch: %w", err)
	}
	return nil
}

// Put adds data to a namespace, all of it or, with an error, none. It is what
// this machine's own services use; what comes over the API is checked first.
func (s *Service) Put(ctx context.Context, namespace string, data []Datum) error {
	if err := s.store.put(ctx, namespace, data); err != nil {
		return fmt.Errorf("put %d data into namespace %s: %w", len(data), namespace, err)
	}
	return nil
}

// Datum is data about one metric for one moment.
type Datum struct {
	Name       string
	Dimensions []Dimension
	At         time.Time
	// Unit is one of CloudWatch's standard units; "" is None.
	Unit string
	// Values are what was measured, each as often as Counts says; no Counts is
	// once each.
	Values, Counts []float64
	// Set is the summary of values that are not known one by one: there are no
	// percentiles of it, unless all its values are the same.
	Set *StatisticSet
	// HighResolution keeps seconds apart for three hours.
	HighResolution bool
}

// Dimension is a part of what identifies a metric.
type Dimension struct {
	Name  string `json:"Name" xml:"Name"`
	Value string `json:"Value" xml:"Value"`
}

// StatisticSet summarizes values.
type StatisticSet struct {
	SampleCount, Sum, Minimum, Maximum float64
}

// hidden returns from when on a namespace is not told yet.
func (s *Service) hidden(namespace string) time.Time {
	if s.o.Delay > 0 && strings.HasPrefix(namespace, "AWS/") {
		return s.o.Now().Add(-s.o.Delay)
	}
	return time.Unix(1<<40, 0) // never
}

// ServeHTTP answers CloudWatch's API in whichever protocol it is asked.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", s.o.NewID())
	how := protocolOf(r)
	name, decode, err := how.read(w, r)
	if err != nil {
		how.refuse(w, refusalOf(err))
		return
	}
	call := s.operations[name]
	if call == nil {
		how.refuse(w, refusalOf(noOperation(name)))
		return
	}
	out, err := call(r.Context(), decode)
	if err != nil {
		how.refuse(w, refusalOf(err))
		return
	}
	how.answer(w, name, out)
}

// operation answers one request, whose input decode reads.
type operation func(ctx context.Context, decode func(any) error) (any, error)

func typed[In, Out any](call func(context.Context, *In) (Out, error)) operation {
	return func(ctx context.Context, decode func(any) error) (any, error) {
		var in In
		if err := decode(&in); err != nil {
			return nil, &refusal{shape: "SerializationException", code: "MalformedInput", status: http.StatusBadRequest, message: err.Error()}
		}
		return call(ctx, &in)
	}
}
