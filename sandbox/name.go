package sandbox

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/pattern"
)

var (
	namePattern   = pattern.Of(`^[a-z0-9](?:[a-z0-9-]{1,38})[a-z0-9]$`)
	ownerPattern  = pattern.Of(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$`)
	cursorPattern = pattern.Of(`^[a-z0-9-]{1,64}$`)
	lowerBase32   = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
)

// CheckName returns a *FieldError unless name is 3 to 40 of a-z, 0-9 and
// hyphen, begins and ends with a letter or digit, and has no two hyphens
// together (S3 reserves such bucket names).
func CheckName(name string) error {
	if !namePattern().MatchString(name) || strings.Contains(name, "--") {
		return &FieldError{Field: "name", Rule: "3 to 40 of a-z, 0-9 and hyphen; no hyphen first, last or twice in a row", Value: name}
	}
	return nil
}

// CheckOwner returns a *FieldError unless owner is 1 to 64 letters, digits
// and . _ @ + -, beginning with a letter or digit.
func CheckOwner(owner string) error {
	if !ownerPattern().MatchString(owner) {
		return &FieldError{Field: "owner", Rule: "1 to 64 letters, digits and . _ @ + -, beginning with a letter or digit", Value: owner}
	}
	return nil
}

// NewID returns a new sandbox id, ten characters of a-z and 2-7, from random.
func NewID(random io.Reader) (string, error) {
	return randomText(random, 10)
}

// NewReleaseID returns a new release id that sorts by time: "r-", nine
// characters of time (milliseconds, base 32) and five random ones.
func NewReleaseID(now time.Time, random io.Reader) (string, error) {
	tail, err := randomText(random, releaseTail)
	if err != nil {
		return "", err
	}
	return releaseID(now, tail), nil
}

// releaseTail is how many characters of a release's id do not tell its time.
const releaseTail = 5

func releaseID(at time.Time, tail string) string {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	millis := at.UnixMilli()
	var head [9]byte
	for i := len(head) - 1; i >= 0; i-- {
		head[i] = digits[millis&31]
		millis >>= 5
	}
	return "r-" + string(head[:]) + tail
}

func randomText(random io.Reader, n int) (string, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("random id: %w", err)
	}
	return lowerBase32.EncodeToString(raw)[:n], nil
}

// BucketName returns the sandbox's bucket name. S3 names are global and may be
// somebody else's: attempt 0 is the first choice, later attempts derive the
// next ones. The longest is 63 bytes, which is S3's limit.
func BucketName(name, id string, attempt int) string {
	base := "mayfly-" + name + "-" + id
	if attempt == 0 {
		return base
	}
	return fmt.Sprintf("%s-%d", base, attempt)
}

// MaxBucketAttempts is how many bucket names are tried before giving up.
const MaxBucketAttempts = 5

// CallerReference returns the reference that makes a CloudFront create call
// for this sandbox and kind idempotent.
func CallerReference(id string, kind Kind) string {
	return "mayfly-" + id + "-" + string(kind)
}

// Comment returns the comment that marks what CloudFront keeps for a sandbox;
// it is how a distribution or an identity whose id was never learnt is found.
func Comment(name, id string) string {
	return "mayfly " + name + " " + id
}

// The tags on everything of a sandbox that AWS can tag.
const (
	TagSandbox   = "mayfly:sandbox"
	TagSandboxID = "mayfly:sandbox-id"
	TagOwner     = "mayfly:owner"
	// TagStage is of what an installation's sandboxes share.
	TagStage = "mayfly:stage"
)
