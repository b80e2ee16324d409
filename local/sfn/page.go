package sfn

import (
	"encoding/base64"
	"slices"
	"strings"
)

// paged returns a page of items that are sorted by their keys. The token is the
// key after which the next page starts.
func paged[T any](items []T, in pageInput, key func(T) string) (page []T, next string, err error) {
	limit, err := limited(in.MaxResults, 100)
	if err != nil {
		return nil, "", err
	}
	if in.NextToken != "" {
		after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
		if err != nil {
			return nil, "", invalidToken()
		}
		from, found := slices.BinarySearchFunc(items, string(after), func(item T, after string) int { return strings.Compare(key(item), after) })
		if found {
			from++
		}
		items = items[from:]
	}
	if len(items) <= limit {
		return items, "", nil
	}
	return items[:limit], base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1]))), nil
}
