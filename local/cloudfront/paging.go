package cloudfront

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// page is one page of a list: what its element says of it, and its keys.
type page struct {
	marker   string
	maxItems int
	next     string // empty on the last page
	keys     []string
}

// paged cuts the page that a request asks for (Marker, MaxItems) out of sorted
// keys. The marker is the last key of the page before, so that a page is right
// even when that one is deleted meanwhile.
func (c *call) paged(keys []string) (page, *Error) {
	p := page{marker: c.query.Get("Marker"), maxItems: 100}
	if given := c.query.Get("MaxItems"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 {
			return page{}, refuse("InvalidArgument", "The parameter MaxItems must be a number above 0, not %q.", given)
		}
		p.maxItems = min(n, 1000)
	}
	from, found := slices.BinarySearch(keys, p.marker)
	if found {
		from++
	}
	keys = keys[from:]
	if len(keys) > p.maxItems {
		keys = keys[:p.maxItems]
		p.next = keys[len(keys)-1]
	}
	p.keys = keys
	return p, nil
}
