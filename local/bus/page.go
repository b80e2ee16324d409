package bus

import (
	"encoding/base64"
	"strconv"
)

// page cuts one page from a list, and returns the token of the next one.
func page[T any](all []T, limit *int, token string) ([]T, string, error) {
	from := 0
	if token != "" {
		text, err := base64.StdEncoding.DecodeString(token)
		if err == nil {
			from, err = strconv.Atoi(string(text))
		}
		if err != nil || from < 0 {
			return nil, "", invalid("Parameter NextToken is not valid.")
		}
	}
	all = all[min(from, len(all)):]
	size := 100
	if limit != nil {
		size = *limit
	}
	if len(all) <= size {
		return all, "", nil
	}
	return all[:size], base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(from + size))), nil
}
