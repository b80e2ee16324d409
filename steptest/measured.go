package steptest

import (
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/metric"
)

// Measured returns what a step measured by repository: the sums of "docs
// Pushes" and so on.
func Measured(s *metric.Set) map[string]float64 {
	sums := make(map[string]float64)
	for _, line := range s.Lines(metric.Source{}, time.Time{}) {
		repository := ""
		for _, a := range line {
			if a.Key == metric.RepositoryName {
				repository = a.Value.String()
			}
		}
		for _, a := range line {
			name := strings.TrimSpace(repository + " " + a.Key)
			switch v := a.Value.Any().(type) {
			case float64:
				sums[name] += v
			case []float64:
				for _, each := range v {
					sums[name] += each
				}
			}
		}
	}
	return sums
}
