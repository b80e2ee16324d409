package ecr

import "encoding/base64"

// page is what requests for lists have.
type page struct {
	NextToken  string `json:"nextToken,omitempty"`
	MaxResults *int   `json:"maxResults,omitempty"`
}

// read returns how many items may be in the answer, and the key after which it
// begins.
func (p page) read() (limit int, after string, err error) {
	limit = 100
	if p.MaxResults != nil {
		if limit = *p.MaxResults; limit < 1 || limit > 1000 {
			return 0, "", invalid("maxResults", "Member must have value between 1 and 1000")
		}
	}
	key, err := base64.RawURLEncoding.DecodeString(p.NextToken)
	if err != nil {
		return 0, "", invalid("nextToken", "must be a token that an earlier answer had")
	}
	return limit, string(key), nil
}

// cut takes one item more than a page holds, and returns the page and the
// token of the next one.
func cut[T any](items []T, limit int, key func(T) string) ([]T, string) {
	if len(items) <= limit {
		return items, ""
	}
	items = items[:limit]
	return items, base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1])))
}
