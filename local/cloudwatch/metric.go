package cloudwatch

import (
	"encoding/json"
	"slices"
	"strings"
)

// metric is what data is about: its dimensions are a part of its name.
type metric struct {
	namespace, name string
	dimensions      []Dimension
}

// key returns dimensions as they are kept: in one order, whatever the order
// that they came in.
func key(dimensions []Dimension) string {
	sorted := slices.SortedFunc(slices.Values(dimensions), func(a, b Dimension) int { return strings.Compare(a.Name, b.Name) })
	if sorted == nil {
		sorted = []Dimension{}
	}
	text, err := json.Marshal(sorted)
	if err != nil { // strings always marshal
		panic(err)
	}
	return string(text)
}

// units are CloudWatch's standard units.
var units = []string{
	"Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
	"Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
	"Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
	"Gigabits/Second", "Terabits/Second", "Count/Second", "None",
}

// checkMetric checks what names a metric, as it stands under a path in the
// request.
func checkMetric(path, namespace, name string, dimensions []Dimension) error {
	if err := checkNamespace(path+"Namespace", namespace); err != nil {
		return err
	}
	if err := checkText(path+"MetricName", name, 255); err != nil {
		return err
	}
	return checkDimensions(path, dimensions)
}

func checkNamespace(path, namespace string) error {
	if strings.HasPrefix(namespace, ":") {
		return invalid("The parameter %s must not begin with a colon.", path)
	}
	return checkText(path, namespace, 255)
}

// mostDimensions is how many dimensions a metric may have.
const mostDimensions = 30

func checkDimensions(path string, dimensions []Dimension) error {
	if len(dimensions) > mostDimensions {
		return invalid("The collection %sDimensions must not have a size greater than %d.", path, mostDimensions)
	}
	for i, d := range dimensions {
		at := member(path+"Dimensions", i)
		if err := checkText(at+"Name", d.Name, 255); err != nil {
			return err
		}
		if err := checkText(at+"Value", d.Value, 1024); err != nil {
			return err
		}
		if strings.HasPrefix(d.Name, ":") {
			return invalid("The parameter %sName must not begin with a colon.", at)
		}
		if slices.ContainsFunc(dimensions[:i], func(other Dimension) bool { return other.Name == d.Name }) {
			return invalid("The parameter %sName %q is there twice.", at, d.Name)
		}
	}
	return nil
}

// checkText checks a name: printable ASCII, as CloudWatch has it, and not too long.
func checkText(path, text string, most int) error {
	switch {
	case text == "":
		return missing(path)
	case len(text) > most:
		return invalid("The parameter %s must be shorter than %d characters.", path, most+1)
	case strings.TrimSpace(text) == "":
		return invalid("The parameter %s must have a character that is no space.", path)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
		return invalid("The parameter %s must have ASCII characters alone.", path)
	}
	return nil
}

func checkUnit(path, unit string) error {
	if unit != "" && !slices.Contains(units, unit) {
		return invalid("The parameter %s must be a value in the set [ %s ].", path, strings.Join(units, ", "))
	}
	return nil
}
