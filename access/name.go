package access

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/mayfly-dev/mayfly/pattern"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var (
	notInName = pattern.Of(`[^A-Za-z0-9._@+-]+`)
	digested  = pattern.Of(`-[0-9a-f]{16}$`)
)

// maxName is the longest owner, in bytes.
const maxName = 64

// NameOf makes an owner's name of what a principal is called. What an owner
// can't have becomes a hyphen, and a digest is added then, so that nobody gets
// the name of another by what was taken out of it; what looks as if it had one
// gets one too. It returns "" for "".
func NameOf(called string) string {
	if called == "" || sandbox.CheckOwner(called) == nil && !digested().MatchString(called) {
		return called
	}
	sum := sha256.Sum256([]byte(called))
	digest := "-" + hex.EncodeToString(sum[:8])
	clean := strings.Trim(notInName().ReplaceAllString(called, "-"), "-._@+")
	if clean == "" {
		clean = "x"
	}
	return clean[:min(len(clean), maxName-len(digest))] + digest
}
