package metric

import (
	"log/slog"
	"slices"
	"time"
)

// CloudWatch's limits on one line in the embedded metric format.
const (
	maxMetrics        = 100
	maxValues         = 100
	maxDimensionValue = 1024
)

// Source is who measured: the values of the dimensions Stage and Step.
type Source struct{ Stage, Step string }

// directives is the member _aws of a line in the embedded metric format.
type directives struct {
	Timestamp         int64
	CloudWatchMetrics []directive
}

// directive tells CloudWatch which of the line's other members are metrics,
// and which their dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct {
	Name Name
	Unit Unit
}

// Lines returns what the set holds as the attributes of log lines that a
// slog.JSONHandler writes in the embedded metric format. Most sets need one
// line; each repository and each further hundred values of a metric take
// another. An empty set needs none.
func (s *Set) Lines(source Source, at time.Time) [][]slog.Attr {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines [][]slog.Attr
	for _, repository := range s.repositories() {
		var keys []key
		longest := 0
		for _, k := range s.order {
			if k.repository == repository {
				keys = append(keys, k)
				longest = max(longest, len(s.values[k]))
			}
		}
		for part := range slices.Chunk(keys, maxMetrics) {
			for first := 0; first < longest; first += maxValues {
				lines = append(lines, s.line(part, first, source, repository, at))
			}
		}
	}
	return lines
}

// repositories returns the repositories of the set's metrics, in the order of
// their first use and "" first, if it is there.
func (s *Set) repositories() []string {
	var all []string
	for _, k := range s.order {
		switch {
		case slices.Contains(all, k.repository):
		case k.repository == "":
			all = slices.Insert(all, 0, "")
		default:
			all = append(all, k.repository)
		}
	}
	return all
}

// line says up to maxValues values of each key, from the first on.
func (s *Set) line(keys []key, first int, source Source, repository string, at time.Time) []slog.Attr {
	about := directives{Timestamp: at.UnixMilli()}
	needed := []string{}
	values := make([]slog.Attr, 0, len(keys))
	for _, k := range keys {
		all := s.values[k]
		if first >= len(all) {
			continue
		}
		about.add(k.name)
		for _, dimension := range k.name.Dimensions() {
			if !slices.Contains(needed, dimension) {
				needed = append(needed, dimension)
			}
		}
		values = append(values, member(k.name, all[first:min(first+maxValues, len(all))]))
	}
	line := []slog.Attr{slog.Any("_aws", about)}
	for _, dimension := range needed {
		line = append(line, slog.String(dimension, source.value(dimension, repository)))
	}
	return append(line, values...)
}

// add puts a metric into the directive of its dimensions.
func (d *directives) add(name Name) {
	dimensions := name.Dimensions()
	i := slices.IndexFunc(d.CloudWatchMetrics, func(there directive) bool { return slices.Equal(there.Dimensions[0], dimensions) })
	if i < 0 {
		i = len(d.CloudWatchMetrics)
		d.CloudWatchMetrics = append(d.CloudWatchMetrics, directive{Namespace: Namespace, Dimensions: [][]string{dimensions}})
	}
	of := &d.CloudWatchMetrics[i]
	of.Metrics = append(of.Metrics, definition{name, name.Unit()})
}

func member(name Name, values []float64) slog.Attr {
	if len(values) == 1 {
		return slog.Float64(string(name), values[0])
	}
	return slog.Any(string(name), slices.Clone(values))
}

// value returns a dimension's value as CloudWatch takes it: never empty, and no
// longer than its limit.
func (s Source) value(dimension, repository string) string {
	text := repository
	switch dimension {
	case Stage:
		text = s.Stage
	case Step:
		text = s.Step
	}
	if text == "" {
		return "none"
	}
	return text[:min(len(text), maxDimensionValue)]
}
