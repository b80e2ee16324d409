package metric

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Datum is what CloudWatch makes of one metric of a line: one or more values
// under one combination of dimensions.
type Datum struct {
	Namespace  string
	Name       string
	Unit       string
	Dimensions map[string]string
	At         time.Time
	Values     []float64
}

// CloudWatch's limits on the dimensions of one metric.
const maxDimensions = 30

// Decode returns the metrics of a log line in the embedded metric format, as
// CloudWatch extracts them, and none of a line that is not in it. A metric that
// breaks a rule is left out and named by the error; the others are returned all
// the same.
func Decode(line []byte) ([]Datum, error) {
	if !bytes.Contains(line, []byte(`"_aws"`)) {
		return nil, nil
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal(line, &root); err != nil || root["_aws"] == nil {
		return nil, nil // a line that has the word in its middle
	}
	var about struct {
		Timestamp         *int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	}
	if err := json.Unmarshal(root["_aws"], &about); err != nil {
		return nil, fmt.Errorf("embedded metrics: _aws: %w", err)
	}
	if about.Timestamp == nil {
		return nil, errors.New("embedded metrics: _aws has no Timestamp")
	}
	at := time.UnixMilli(*about.Timestamp).UTC()
	var all []Datum
	var wrong []error
	for _, directive := range about.CloudWatchMetrics {
		if directive.Namespace == "" || len(directive.Metrics) > maxMetrics {
			wrong = append(wrong, fmt.Errorf("embedded metrics: a directive of %d metrics in namespace %q: must be at most %d in one with a name", len(directive.Metrics), directive.Namespace, maxMetrics))
			continue
		}
		for _, metric := range directive.Metrics {
			values, err := valuesOf(root, metric.Name)
			if err != nil {
				wrong = append(wrong, err)
				continue
			}
			for _, names := range directive.Dimensions {
				dimensions, err := dimensionsOf(root, names)
				if err != nil {
					wrong = append(wrong, err)
					continue
				}
				all = append(all, Datum{
					Namespace: directive.Namespace, Name: metric.Name, Unit: metric.Unit, Dimensions: dimensions, At: at, Values: values,
				})
			}
		}
	}
	return all, errors.Join(wrong...)
}

// valuesOf returns a metric's member: a number or an array of them.
func valuesOf(root map[string]json.RawMessage, name string) ([]float64, error) {
	member, ok := root[name]
	if !ok || name == "" {
		return nil, fmt.Errorf("embedded metrics: the line has no member %q, which is a metric", name)
	}
	var one float64
	if err := json.Unmarshal(member, &one); err == nil && string(member) != "null" {
		return []float64{one}, nil
	}
	var values []float64
	if err := json.Unmarshal(member, &values); err != nil || len(values) == 0 || len(values) > maxValues {
		return nil, fmt.Errorf("embedded metrics: %q must be a number or 1 to %d numbers", name, maxValues)
	}
	return values, nil
}

func dimensionsOf(root map[string]json.RawMessage, names []string) (map[string]string, error) {
	if len(names) > maxDimensions {
		return nil, fmt.Errorf("embedded metrics: %d dimensions: must be at most %d", len(names), maxDimensions)
	}
	dimensions := make(map[string]string, len(names))
	for _, name := range names {
		var value string
		if err := json.Unmarshal(root[name], &value); err != nil || value == "" || len(value) > maxDimensionValue {
			return nil, fmt.Errorf("embedded metrics: dimension %q must be a text of 1 to %d bytes", name, maxDimensionValue)
		}
		dimensions[name] = value
	}
	return dimensions, nil
}
