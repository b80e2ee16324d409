package cloudwatch

import (
	"context"
	"strconv"
	"time"
)

type getMetricStatisticsInput struct {
	Namespace, MetricName          string
	Dimensions                     []Dimension
	StartTime, EndTime             *moment
	Period                         whole
	Statistics, ExtendedStatistics []string
	Unit                           string
}

type getMetricStatisticsOutput struct {
	Datapoints members[datapoint]
	Label      string
}

type datapoint struct {
	Timestamp          moment
	SampleCount        *float64 `json:",omitempty" xml:",omitempty"`
	Average            *float64 `json:",omitempty" xml:",omitempty"`
	Sum                *float64 `json:",omitempty" xml:",omitempty"`
	Minimum            *float64 `json:",omitempty" xml:",omitempty"`
	Maximum            *float64 `json:",omitempty" xml:",omitempty"`
	Unit               string
	ExtendedStatistics entries `json:",omitempty" xml:",omitempty"`
}

// mostDatapoints is how many data points one answer may have.
const mostDatapoints = 1440

func (s *Service) getMetricStatistics(ctx context.Context, in *getMetricStatisticsInput) (*getMetricStatisticsOutput, error) {
	wanted, err := in.check()
	if err != nil {
		return nil, err
	}
	length := time.Duration(in.Period) * time.Second
	if n := (in.EndTime.Sub(in.StartTime.Time) + length - 1) / length; n > mostDatapoints {
		return nil, conflict("You have requested up to %s datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.", grouped(int(n)))
	}
	w := s.window(metric{in.Namespace, in.MetricName, in.Dimensions}, in.StartTime.Time, in.EndTime.Time, length)
	w.unit, w.byUnit, w.spread = in.Unit, true, len(in.ExtendedStatistics) > 0
	w.limit = mostDatapoints * len(units)
	found, err := s.store.read(ctx, w)
	if err != nil {
		return nil, err
	}
	out := &getMetricStatisticsOutput{Label: in.MetricName, Datapoints: members[datapoint]{}}
	for _, p := range found {
		out.Datapoints = append(out.Datapoints, p.datapoint(wanted))
	}
	return out, nil
}

// window returns the part of a metric that is asked for, as far as it is kept
// and told.
func (s *Service) window(m metric, start, end time.Time, period time.Duration) window {
	now := s.o.Now()
	w := window{metric: m, period: period, start: rounded(start, now, period), end: end}
	if hidden := s.hidden(m.namespace); end.After(hidden) {
		w.end = hidden
	}
	if oldest := now.Add(-keptFor(period)); w.start.Before(oldest) {
		// periods keep their beginnings
		w.start = w.start.Add((oldest.Sub(w.start) + period - 1) / period * period)
	}
	return w
}

// check returns the statistics that are wanted.
func (in *getMetricStatisticsInput) check() ([]statistic, error) {
	if err := checkMetric("", in.Namespace, in.MetricName, in.Dimensions); err != nil {
		return nil, err
	}
	if err := checkUnit("Unit", in.Unit); err != nil {
		return nil, err
	}
	if err := checkTimes(in.StartTime, in.EndTime); err != nil {
		return nil, err
	}
	if err := checkPeriod("Period", in.Period); err != nil {
		return nil, err
	}
	switch {
	case len(in.Statistics)+len(in.ExtendedStatistics) == 0:
		return nil, refuse("MissingRequiredParameterException", "MissingParameter", "At least one of the parameters Statistics and ExtendedStatistics must be specified.")
	case len(in.Statistics) > 0 && len(in.ExtendedStatistics) > 0:
		return nil, conflict("The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.")
	}
	var all []statistic
	for i, name := range append(in.Statistics, in.ExtendedStatistics...) {
		stat, err := parseStatistic(name)
		if err != nil {
			return nil, err
		}
		if stat.isPercentile() != (len(in.ExtendedStatistics) > 0) {
			return nil, invalid("The parameter %s must be a percentile in ExtendedStatistics, and none in Statistics.", member("Statistics", i))
		}
		all = append(all, stat)
	}
	return all, nil
}

func checkTimes(start, end *moment) error {
	switch {
	case start == nil:
		return missing("StartTime")
	case end == nil:
		return missing("EndTime")
	case !start.Before(end.Time):
		return conflict("The parameter StartTime must be less than the parameter EndTime.")
	}
	return nil
}

func checkPeriod(path string, seconds whole) error {
	switch {
	case seconds == 0:
		return missing(path)
	case seconds == 1, seconds == 5, seconds == 10, seconds == 20, seconds == 30:
		return nil
	case seconds < 0 || seconds%60 != 0 || seconds > 365*24*3600:
		return invalid("The parameter %s must be 1, 5, 10, 20, 30, or a multiple of 60, up to a year.", path)
	}
	return nil
}

func (p *period) datapoint(wanted []statistic) datapoint {
	d := datapoint{Timestamp: moment{p.at}, Unit: p.unit}
	for _, stat := range wanted {
		v, ok := stat.of(p)
		if !ok {
			continue
		}
		switch stat.name {
		case "SampleCount":
			d.SampleCount = &v
		case "Average":
			d.Average = &v
		case "Sum":
			d.Sum = &v
		case "Minimum":
			d.Minimum = &v
		case "Maximum":
			d.Maximum = &v
		default:
			if d.ExtendedStatistics == nil {
				d.ExtendedStatistics = entries{}
			}
			d.ExtendedStatistics[stat.name] = v
		}
	}
	return d
}

// grouped writes a number with commas between thousands, as CloudWatch does.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
