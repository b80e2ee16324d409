package cloudwatch

import (
	"context"
	"regexp"
	"time"
)

type getMetricDataInput struct {
	MetricDataQueries  []metricDataQuery
	StartTime, EndTime *moment
	NextToken, ScanBy  string
	MaxDatapoints      whole
}

type metricDataQuery struct {
	Id, Expression, Label string //nolint:revive // AWS's name
	MetricStat            *metricStat
	ReturnData            *flag
	Period                whole
	AccountId             string //nolint:revive // AWS's name
}

type metricStat struct {
	Metric struct {
		Namespace, MetricName string
		Dimensions            []Dimension
	}
	Period     whole
	Stat, Unit string
}

type getMetricDataOutput struct {
	MetricDataResults members[metricDataResult]
	NextToken         string           `json:",omitempty" xml:",omitempty"`
	Messages          members[message] `json:",omitempty" xml:",omitempty"`
}

type metricDataResult struct {
	Id, Label  string //nolint:revive // AWS's name
	Timestamps members[moment]
	Values     members[float64]
	StatusCode string
}

type message struct{ Code, Value string }

const (
	// mostQueries and mostPoints are AWS's limits of one request.
	mostQueries = 500
	mostPoints  = 100_800
)

// getMetricData answers the queries in their order, as many data points as a
// page has. A query that goes on in the next page is PartialData in this one.
func (s *Service) getMetricData(ctx context.Context, in *getMetricDataInput) (*getMetricDataOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	from, err := in.position()
	if err != nil {
		return nil, err
	}
	left := int(in.MaxDatapoints)
	if left == 0 {
		left = mostPoints
	}
	out := &getMetricDataOutput{MetricDataResults: members[metricDataResult]{}}
	for ; from.Query < len(in.MetricDataQueries); from = (position{Query: from.Query + 1, Request: from.Request}) {
		q := &in.MetricDataQueries[from.Query]
		if q.ReturnData != nil && !*q.ReturnData {
			continue
		}
		if left == 0 {
			out.NextToken = from.token()
			return out, nil
		}
		found, err := s.periods(ctx, in, q, from, left+1)
		if err != nil {
			return nil, err
		}
		n := min(len(found), left)
		result := q.result(found[:n])
		left -= n
		if n < len(found) {
			result.StatusCode = "PartialData"
			from.At = found[n].at.Unix()
			out.NextToken = from.token()
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
		if out.NextToken != "" {
			return out, nil
		}
	}
	return out, nil
}

// periods reads at most limit periods of a query, from where a page begins.
func (s *Service) periods(ctx context.Context, in *getMetricDataInput, q *metricDataQuery, from position, limit int) ([]*period, error) {
	stat, err := parseStatistic(q.MetricStat.Stat)
	if err != nil {
		return nil, err
	}
	m := q.MetricStat.Metric
	length := time.Duration(q.MetricStat.Period) * time.Second
	w := s.window(metric{m.Namespace, m.MetricName, m.Dimensions}, in.StartTime.Time, in.EndTime.Time, length)
	w.unit, w.spread, w.limit, w.descending = q.MetricStat.Unit, stat.isPercentile(), limit, in.ScanBy != "TimestampAscending"
	switch begin := time.Unix(from.At, 0); {
	case from.At == 0:
	case !w.descending && begin.After(w.start):
		w.start = begin
	case w.descending && begin.Add(length).Before(w.end):
		w.end = begin.Add(length)
	}
	return s.store.read(ctx, w)
}

// result returns the answer to a query for some periods.
func (q *metricDataQuery) result(found []*period) metricDataResult {
	r := metricDataResult{Id: q.Id, Label: q.Label, StatusCode: "Complete", Timestamps: members[moment]{}, Values: members[float64]{}}
	if r.Label == "" {
		r.Label = q.MetricStat.Metric.MetricName
	}
	stat, _ := parseStatistic(q.MetricStat.Stat) // was checked
	for _, p := range found {
		if v, ok := stat.of(p); ok {
			r.Timestamps, r.Values = append(r.Timestamps, moment{p.at}), append(r.Values, v)
		}
	}
	return r
}

// ids are what queries may be called.
var ids = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,254}$`)

func (in *getMetricDataInput) check() error {
	if err := checkTimes(in.StartTime, in.EndTime); err != nil {
		return validation("%s", refusalOf(err).message)
	}
	switch n := len(in.MetricDataQueries); {
	case n == 0:
		return validation("The parameter MetricDataQueries is required.")
	case n > mostQueries:
		return validation("The collection MetricDataQueries must not have a size greater than %d.", mostQueries)
	case in.MaxDatapoints < 0 || in.MaxDatapoints > mostPoints:
		return validation("The parameter MaxDatapoints must be at most %d.", mostPoints)
	case in.ScanBy != "" && in.ScanBy != "TimestampAscending" && in.ScanBy != "TimestampDescending":
		return validation("The parameter ScanBy must be TimestampAscending or TimestampDescending.")
	}
	seen := make(map[string]bool, len(in.MetricDataQueries))
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		if seen[q.Id] {
			return validation("The values for parameter id in MetricDataQueries are not unique.")
		}
		seen[q.Id] = true
		if err := q.check(member("MetricDataQueries", i)); err != nil {
			return validation("%s", refusalOf(err).message)
		}
	}
	return nil
}

func (q *metricDataQuery) check(path string) error {
	switch {
	case q.Id == "":
		return missing(path + "Id")
	case !ids.MatchString(q.Id):
		return invalid("The value %s for parameter %sId is not matching the expected pattern %s.", q.Id, path, ids)
	case q.Expression != "":
		return invalid("%sExpression: metric math and Metrics Insights are not part of CloudWatch on one machine; ask for the metrics themselves by MetricStat.", path)
	case q.MetricStat == nil:
		return missing(path + "MetricStat")
	}
	m := q.MetricStat
	if err := checkMetric(path+"MetricStat.Metric.", m.Metric.Namespace, m.Metric.MetricName, m.Metric.Dimensions); err != nil {
		return err
	}
	if err := checkUnit(path+"MetricStat.Unit", m.Unit); err != nil {
		return err
	}
	if err := checkPeriod(path+"MetricStat.Period", m.Period); err != nil {
		return err
	}
	_, err := parseStatistic(m.Stat)
	return err
}
