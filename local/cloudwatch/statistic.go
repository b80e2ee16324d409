package cloudwatch

import (
	"regexp"
	"slices"
	"strconv"
)

// statistics are those that are not percentiles.
var statistics = []string{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}

// statistic is what is asked about the values of a period.
type statistic struct {
	name  string
	share float64 // of a percentile, 0 to 1
}

// percentiles are "p50", "p99.9" and so on.
var percentiles = regexp.MustCompile(`^p(\d{1,2}(\.\d{1,10})?|100(\.0{1,10})?)$`)

// parseStatistic reads the name of a statistic. Those that are CloudWatch's and
// not known here are refused by name.
func parseStatistic(name string) (statistic, error) {
	if slices.Contains(statistics, name) {
		return statistic{name: name}, nil
	}
	if found := percentiles.FindStringSubmatch(name); found != nil {
		percent, err := strconv.ParseFloat(found[1], 64)
		if err == nil {
			return statistic{name, percent / 100}, nil
		}
	}
	return statistic{}, invalid("The value %s for parameter Stat is not supported: CloudWatch on one machine knows SampleCount, Average, Sum, Minimum, Maximum and percentiles as p99.9.", name)
}

func (s statistic) isPercentile() bool { return s.name[0] == 'p' }

// of returns the statistic of what was measured in a period, if it has one.
func (s statistic) of(p *period) (float64, bool) {
	switch s.name {
	case "SampleCount":
		return p.SampleCount, true
	case "Sum":
		return p.Sum, true
	case "Average":
		return p.Sum / p.SampleCount, true
	case "Minimum":
		return p.Minimum, true
	case "Maximum":
		return p.Maximum, true
	}
	return percentile(p.spread, s.share, p.StatisticSet)
}
