package s3

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

func itoa(n int64) string          { return strconv.FormatInt(n, 10) }
func boolText(b bool) string       { return strconv.FormatBool(b) }
func text(p *string) string        { return *orEmpty(p) }
func ptr[T any](v T) *T            { return &v }
func iso(at time.Time) string      { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
func quote(etag string) string     { return `"` + strings.Trim(etag, `"`) + `"` }
func bare(etag string) string      { return strings.Trim(strings.TrimSpace(etag), `"`) }
func second(t time.Time) time.Time { return t.Truncate(time.Second) }

func orEmpty(p *string) *string {
	if p == nil {
		return new(string)
	}
	return p
}

// nonEmpty is nil for an empty text: S3 tells an absent header from none.
func nonEmpty(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// encoded is a key in a listing with encoding-type=url: escaped but for slashes.
func encoded(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(key), "+", "%20"), "%2F", "/")
}
