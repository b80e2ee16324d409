package metric

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Set collects what one run of a step measures. The zero value is empty and
// ready; it may be used concurrently.
type Set struct {
	mu sync.Mutex
	// order is the order of first use, so that a line is the same each time.
	order  []key
	values map[key][]float64
}

// key is a metric, and for one by repository which repository.
type key struct {
	name       Name
	repository string
}

// Add adds a value in the metric's unit. What is counted is summed up; other
// values stay apart, so that CloudWatch can tell their percentiles.
func (s *Set) Add(name Name, value float64) { s.add(key{name: name}, value) }

// AddOf adds a value of a repository's metric.
func (s *Set) AddOf(repository string, name Name, value float64) {
	s.add(key{name: name, repository: repository}, value)
}

func (s *Set) add(k key, value float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = make(map[key][]float64)
	}
	there, ok := s.values[k]
	if !ok {
		s.order = append(s.order, k)
	}
	if ok && k.name.Unit() == Count {
		there[0] += value
		return
	}
	s.values[k] = append(there, value)
}

// Data returns what the set holds as CloudWatch would extract it from the
// set's lines.
func (s *Set) Data(source Source, at time.Time) []Datum {
	s.mu.Lock()
	defer s.mu.Unlock()
	data := make([]Datum, 0, len(s.order))
	for _, k := range s.order {
		dimensions := make(map[string]string)
		for _, dimension := range k.name.Dimensions() {
			dimensions[dimension] = source.value(dimension, k.repository)
		}
		data = append(data, Datum{
			Namespace: Namespace, Name: string(k.name), Unit: string(k.name.Unit()),
			Dimensions: dimensions, At: at.UTC().Truncate(time.Millisecond), Values: slices.Clone(s.values[k]),
		})
	}
	return data
}

type contextKey struct{}

// With returns a context whose steps add to s.
func With(ctx context.Context, s *Set) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// from returns the context's set, or one that nobody reads.
func from(ctx context.Context) *Set {
	if s, ok := ctx.Value(contextKey{}).(*Set); ok {
		return s
	}
	return new(Set)
}

// Add adds a value to the context's set; without one it does nothing.
func Add(ctx context.Context, name Name, value float64) { from(ctx).Add(name, value) }

// AddOf adds a value of a repository's metric to the context's set.
func AddOf(ctx context.Context, repository string, name Name, value float64) {
	from(ctx).AddOf(repository, name, value)
}

// Took adds a duration to the context's set.
func Took(ctx context.Context, name Name, took time.Duration) { Add(ctx, name, milliseconds(took)) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
