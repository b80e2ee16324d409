package cloudwatch

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"time"
)

type listMetricsInput struct {
	Namespace, MetricName     string
	Dimensions                []Dimension // a Value of "" is any
	NextToken, RecentlyActive string
}

type listMetricsOutput struct {
	Metrics   members[listed]
	NextToken string `json:",omitempty" xml:",omitempty"`
}

type listed struct {
	Namespace, MetricName string
	Dimensions            members[Dimension]
}

const (
	// listPage is how many metrics an answer has.
	listPage = 500
	// listRead is how many are looked at in one read.
	listRead = 2000
	// mostFilters is how many dimensions may be asked for.
	mostFilters = 10
)

// listMetrics lists the metrics that had data in the last two weeks, or three
// hours, in the order in which they came to be.
func (s *Service) listMetrics(ctx context.Context, in *listMetricsInput) (*listMetricsOutput, error) {
	after, err := in.check()
	if err != nil {
		return nil, err
	}
	since := s.o.Now().Add(-oldest)
	if in.RecentlyActive != "" {
		since = s.o.Now().Add(-3 * time.Hour)
	}
	out := &listMetricsOutput{Metrics: members[listed]{}}
	for more := true; more; {
		read := 0
		err := s.store.collect(ctx, func(rows *sql.Rows) error {
			read++
			var found listed
			var id int64
			var dimensions []byte
			if err := rows.Scan(&id, &found.Namespace, &found.MetricName, &dimensions); err != nil {
				return err
			}
			if err := json.Unmarshal(dimensions, &found.Dimensions); err != nil {
				return err
			}
			if out.NextToken != "" || !in.fits(found.Dimensions) {
				after = max(after, id)
				return nil
			}
			if len(out.Metrics) == listPage {
				out.NextToken = strconv.FormatInt(after, 10)
				return nil
			}
			after = id
			out.Metrics = append(out.Metrics, found)
			return nil
		}, `SELECT id, namespace, name, dimensions FROM metric WHERE id > ? AND seen >= ? AND (? = '' OR namespace = ?) AND (? = '' OR name = ?) ORDER BY id LIMIT ?`,
			after, since.Unix(), in.Namespace, in.Namespace, in.MetricName, in.MetricName, listRead)
		if err != nil {
			return nil, err
		}
		more = read == listRead && out.NextToken == ""
	}
	return out, nil
}

// check returns the id after which a page begins.
func (in *listMetricsInput) check() (after int64, err error) {
	if len(in.Dimensions) > mostFilters {
		return 0, invalid("The collection Dimensions must not have a size greater than %d.", mostFilters)
	}
	for i, d := range in.Dimensions {
		if d.Name == "" {
			return 0, missing(member("Dimensions", i) + "Name")
		}
	}
	if in.RecentlyActive != "" && in.RecentlyActive != "PT3H" {
		return 0, invalid("The parameter RecentlyActive must be PT3H.")
	}
	if in.NextToken == "" {
		return 0, nil
	}
	after, err = strconv.ParseInt(in.NextToken, 10, 64)
	if err != nil || after < 0 {
		return 0, invalid("The parameter NextToken is not valid.")
	}
	return after, nil
}

// fits says whether a metric has all dimensions that are asked for.
func (in *listMetricsInput) fits(dimensions []Dimension) bool {
	for _, want := range in.Dimensions {
		has := false
		for _, d := range dimensions {
			has = has || d.Name == want.Name && (want.Value == "" || d.Value == want.Value)
		}
		if !has {
			return false
		}
	}
	return true
}
