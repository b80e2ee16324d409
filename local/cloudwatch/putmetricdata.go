package cloudwatch

import (
	"context"
	"fmt"
	"math"
	"time"
)

type putMetricDataInput struct {
	Namespace        string
	MetricData       []metricDatum
	EntityMetricData []struct{ MetricData []metricDatum }
}

type metricDatum struct {
	MetricName        string
	Dimensions        []Dimension
	Timestamp         *moment
	Value             *number
	StatisticValues   *statisticValues
	Values, Counts    []number
	Unit              string
	StorageResolution whole
}

type statisticValues struct{ SampleCount, Sum, Minimum, Maximum *number }

const (
	// mostData and mostValues are AWS's limits of one request.
	mostData   = 1000
	mostValues = 150
	// oldest and newest are how far from now data may be.
	oldest = 14 * 24 * time.Hour
	newest = 2 * time.Hour
)

// largest is the largest value that CloudWatch takes.
var largest = math.Pow(2, 360)

// putMetricData puts what it can check: all of a request, or nothing.
func (s *Service) putMetricData(ctx context.Context, in *putMetricDataInput) (nothing, error) {
	if err := checkNamespace("Namespace", in.Namespace); err != nil {
		return nothing{}, err
	}
	all := make([]Datum, 0, len(in.MetricData))
	add := func(path string, data []metricDatum) error {
		for i := range data {
			datum, err := s.datum(member(path, i), &data[i])
			if err != nil {
				return err
			}
			all = append(all, datum)
		}
		return nil
	}
	if err := add("MetricData", in.MetricData); err != nil {
		return nothing{}, err
	}
	for i, entity := range in.EntityMetricData { // whose data it is changes nothing of the data
		if err := add(member("EntityMetricData", i)+"MetricData", entity.MetricData); err != nil {
			return nothing{}, err
		}
	}
	switch {
	case len(all) == 0:
		return nothing{}, missing("MetricData")
	case len(all) > mostData:
		return nothing{}, invalid("The collection MetricData must not have a size greater than %d.", mostData)
	}
	return nothing{}, s.Put(ctx, in.Namespace, all)
}

// member is the path of an item of a list, as CloudWatch's errors say it.
func member(path string, i int) string { return fmt.Sprintf("%s.member.%d.", path, i+1) }

// datum checks one datum of a request.
func (s *Service) datum(path string, in *metricDatum) (Datum, error) {
	d := Datum{Name: in.MetricName, Dimensions: in.Dimensions, At: s.o.Now(), Unit: in.Unit, HighResolution: in.StorageResolution == 1}
	if err := checkText(path+"MetricName", in.MetricName, 255); err != nil {
		return d, err
	}
	if err := checkDimensions(path, in.Dimensions); err != nil {
		return d, err
	}
	if err := checkUnit(path+"Unit", in.Unit); err != nil {
		return d, err
	}
	if r := in.StorageResolution; r != 0 && r != 1 && r != 60 {
		return d, invalid("The parameter %sStorageResolution must be 1 or 60.", path)
	}
	if in.Timestamp != nil {
		d.At = in.Timestamp.Time
		if age := s.o.Now().Sub(d.At); age > oldest || age < -newest {
			return d, invalid("The parameter %sTimestamp must specify a time within the past two weeks.", path)
		}
	}
	return d, in.measured(path, &d)
}

// measured checks what was measured, which is said in one of three ways.
func (in *metricDatum) measured(path string, d *Datum) error {
	ways := 0
	for _, there := range []bool{in.Value != nil, in.StatisticValues != nil, len(in.Values) > 0} {
		if there {
			ways++
		}
	}
	switch {
	case ways == 0:
		return missing(path + "Value")
	case ways > 1:
		return conflict("The parameters %sValue, %sValues and %sStatisticValues are mutually exclusive and you have specified more than one.", path, path, path)
	case in.StatisticValues != nil:
		return in.StatisticValues.check(path+"StatisticValues.", d)
	case in.Value != nil:
		d.Values = []float64{float64(*in.Value)}
	default:
		return in.several(path, d)
	}
	return checkNumber(path+"Value", d.Values[0])
}

func (in *metricDatum) several(path string, d *Datum) error {
	if len(in.Values) > mostValues {
		return invalid("The collection %sValues must not have a size greater than %d.", path, mostValues)
	}
	if len(in.Counts) > 0 && len(in.Counts) != len(in.Values) {
		return conflict("The parameters %sValues and %sCounts must have the same size.", path, path)
	}
	for i, v := range in.Values {
		if err := checkNumber(member(path+"Values", i), float64(v)); err != nil {
			return err
		}
		d.Values = append(d.Values, float64(v))
	}
	for i, n := range in.Counts {
		if err := checkNumber(member(path+"Counts", i), float64(n)); err != nil {
			return err
		}
		if n <= 0 {
			return invalid("The parameter %s must be greater than 0.", member(path+"Counts", i))
		}
		d.Counts = append(d.Counts, float64(n))
	}
	return nil
}

func (v *statisticValues) check(path string, d *Datum) error {
	d.Set = &StatisticSet{}
	for _, f := range []struct {
		name string
		from *number
		to   *float64
	}{
		{"SampleCount", v.SampleCount, &d.Set.SampleCount}, {"Sum", v.Sum, &d.Set.Sum},
		{"Minimum", v.Minimum, &d.Set.Minimum}, {"Maximum", v.Maximum, &d.Set.Maximum},
	} {
		if f.from == nil {
			return missing(path + f.name)
		}
		*f.to = float64(*f.from)
		if err := checkNumber(path+f.name, *f.to); err != nil {
			return err
		}
	}
	if d.Set.SampleCount <= 0 {
		return invalid("The parameter %sSampleCount must be greater than 0.", path)
	}
	if d.Set.Minimum > d.Set.Maximum {
		return invalid("The parameter %sMaximum must be greater than %sMinimum.", path, path)
	}
	return nil
}

func checkNumber(path string, v float64) error {
	if math.IsNaN(v) || math.Abs(v) > largest {
		return invalid("The value %g for parameter %s is invalid.", v, path)
	}
	return nil
}
