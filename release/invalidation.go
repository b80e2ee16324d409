package release

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// MaxInvalidationPaths is how many paths are invalidated one by one; a release
// that changed more invalidates everything, which CloudFront counts as one.
const MaxInvalidationPaths = 50

// DurationInvalidation is the name under which a store remembers how long
// invalidations took.
const DurationInvalidation = "invalidation"

// InvalidationPaths returns what is to be invalidated after changed paths: the
// paths as CloudFront wants them, sorted, or "/*". A folder's index page is
// also shown under the folder's own URL, and the error page under any URL that
// is not there; so is the index page of a single-page app.
func InvalidationPaths(changed []string, spec events.Spec) []string {
	if len(changed) == 0 {
		return nil
	}
	everything := []string{"/*"}
	if len(changed) > MaxInvalidationPaths {
		return everything
	}
	paths := make([]string, 0, len(changed)+4)
	for _, key := range changed {
		if spec.ErrorDocument != "" && key == spec.ErrorDocument || spec.SinglePageApp && key == spec.IndexDocument {
			return everything
		}
		escaped := "/" + escapePath(key)
		paths = append(paths, escaped)
		if path.Base(key) == spec.IndexDocument {
			paths = append(paths, escaped[:strings.LastIndexByte(escaped, '/')+1])
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	if len(paths) > MaxInvalidationPaths {
		return everything
	}
	return paths
}

// escapePath writes a key as a browser sends it: RFC 3986's unreserved
// characters and slashes as they are, everything else by percent signs. An
// asterisk is escaped too, because at the end it would mean "anything".
func escapePath(key string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(key) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

// InvalidationWait returns how many seconds to wait before asking how far an
// invalidation is: what is left of the median of past ones (of expected, before
// this installation has seen one), then about a sixth of the time that it has
// taken. It is 1 to 30.
func InvalidationWait(past []time.Duration, taken, expected time.Duration) int {
	if len(past) > 0 {
		expected = sandbox.Median(past)
	}
	wait := expected - taken
	if wait <= 0 {
		wait = taken / 6
	}
	seconds := int((wait + time.Second/2) / time.Second)
	return min(max(seconds, 1), 30)
}
