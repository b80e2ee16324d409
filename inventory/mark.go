package inventory

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Mark names the sandbox that something says it is of. Without an id it names
// none.
type Mark struct{ Name, ID string }

var markPatterns = sync.OnceValue(func() (p struct{ comment, reference, bucket, id *regexp.Regexp }) {
	const name, id = `([a-z0-9](?:[a-z0-9-]{1,38})[a-z0-9])`, `([a-z2-7]{10})`
	p.comment = regexp.MustCompile(`^mayfly ` + name + ` ` + id + `$`)
	p.reference = regexp.MustCompile(`^mayfly-` + id + `-([A-Za-z]+)$`)
	p.bucket = regexp.MustCompile(`^mayfly-` + name + `-` + id + `(?:-([0-9]))?$`)
	p.id = regexp.MustCompile(`^` + id + `$`)
	return p
})

// OfComment reads a comment as [sandbox.Comment] writes it.
func OfComment(comment string) (Mark, bool) {
	m := markPatterns().comment.FindStringSubmatch(comment)
	if m == nil || sandbox.CheckName(m[1]) != nil {
		return Mark{}, false
	}
	return Mark{Name: m[1], ID: m[2]}, true
}

// OfReference returns the id in a caller reference, or in a control's name, as
// [sandbox.CallerReference] writes them for a kind; "" when it is none.
func OfReference(reference string, kind sandbox.Kind) (id string) {
	m := markPatterns().reference.FindStringSubmatch(reference)
	if m == nil || m[2] != string(kind) {
		return ""
	}
	return m[1]
}

// OfBucketName reads a name as [sandbox.BucketName] writes it.
func OfBucketName(bucket string) (Mark, bool) {
	m := markPatterns().bucket.FindStringSubmatch(bucket)
	if m == nil || sandbox.CheckName(m[1]) != nil {
		return Mark{}, false
	}
	attempt := 0
	if m[3] != "" {
		attempt, _ = strconv.Atoi(m[3]) // one digit
	}
	mark := Mark{Name: m[1], ID: m[2]}
	return mark, attempt < sandbox.MaxBucketAttempts && sandbox.BucketName(mark.Name, mark.ID, attempt) == bucket
}

// IsID reports whether a text may be a sandbox's id.
func IsID(text string) bool { return markPatterns().id.MatchString(text) }

// OfTags returns what tags say, and whether they have any tag of Mayfly's.
func OfTags(tags map[string]string) (mark Mark, tagged bool) {
	for key := range tags {
		tagged = tagged || strings.HasPrefix(key, "mayfly:")
	}
	return Mark{Name: tags[sandbox.TagSandbox], ID: tags[sandbox.TagSandboxID]}, tagged
}
