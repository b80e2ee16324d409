package jsonpath

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// function is what may stand at the end of a path. It reports failure in the
// search.
type function func(s *search, node any, args []any) any

// errNoNumbers is a function over numbers that was given none.
var errNoNumbers = errors.New("no numbers to aggregate")

func lookupFunction(name string) (function, bool) {
	switch name {
	case "length", "size":
		return length, true
	case "keys":
		return keys, true
	case "min":
		return aggregate(slices.Min[[]float64]), true
	case "max":
		return aggregate(slices.Max[[]float64]), true
	case "sum":
		return aggregate(sum), true
	case "avg":
		return aggregate(func(n []float64) float64 { return sum(n) / float64(len(n)) }), true
	case "stddev":
		return aggregate(deviation), true
	case "first":
		return func(s *search, node any, _ []any) any { return element(s, node, 0) }, true
	case "last":
		return func(s *search, node any, _ []any) any { return element(s, node, -1) }, true
	case "index":
		return index, true
	case "append":
		return appended, true
	case "concat":
		return concat, true
	}
	return nil, false
}

func length(_ *search, node any, _ []any) any {
	switch node := node.(type) {
	case []any:
		return float64(len(node))
	case map[string]any:
		return float64(len(node))
	}
	return nil
}

func keys(_ *search, node any, _ []any) any {
	object, ok := node.(map[string]any)
	if !ok {
		return nil
	}
	list := make([]any, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list = append(list, name)
	}
	return list
}

func aggregate(of func([]float64) float64) function {
	return func(s *search, node any, args []any) any {
		var numbers []float64
		list, _ := node.([]any)
		for _, value := range slices.Concat(list, args) {
			if n, ok := number(value); ok {
				numbers = append(numbers, n)
			}
		}
		if !s.spend(len(numbers)) {
			return nil
		}
		if len(numbers) == 0 {
			s.err = errNoNumbers
			return nil
		}
		return of(numbers)
	}
}

func sum(numbers []float64) float64 {
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	return total
}

func deviation(numbers []float64) float64 {
	mean, squares := sum(numbers)/float64(len(numbers)), 0.0
	for _, n := range numbers {
		squares += (n - mean) * (n - mean)
	}
	return math.Sqrt(squares / float64(len(numbers)))
}

func element(s *search, node any, i int) any {
	list, ok := node.([]any)
	if !ok {
		s.err = fmt.Errorf("element %d of something that is no array", i)
		return nil
	}
	value, ok := at(list, i)
	if !ok {
		s.err = fmt.Errorf("element %d of an array of %d", i, len(list))
	}
	return value
}

func index(s *search, node any, args []any) any {
	n := math.NaN()
	if len(args) == 1 {
		n, _ = number(args[0])
	}
	if math.IsNaN(n) || math.Abs(n) > math.MaxInt32 {
		s.err = errors.New("index() takes one index")
		return nil
	}
	return element(s, node, int(n))
}

func appended(s *search, node any, args []any) any {
	list, ok := node.([]any)
	if !ok || !s.spend(len(list)) {
		return node
	}
	return slices.Concat(list, args)
}

func concat(s *search, node any, args []any) any {
	var b strings.Builder
	list, _ := node.([]any)
	for _, value := range slices.Concat(list, args) {
		if part, ok := text(value); ok && s.spend(1+len(part)/64) {
			b.WriteString(part)
		}
	}
	return b.String()
}
