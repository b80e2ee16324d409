package distribution

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
)

// ForeignWebACLError says that a distribution has a web ACL that somebody else
// gave it. A distribution has one at most, and Mayfly takes none away.
type ForeignWebACLError struct{ Distribution, WebACL string }

func (e *ForeignWebACLError) Error() string {
	return fmt.Sprintf("distribution %s has another web ACL already, %s: take that off first, or leave WAF off here", e.Distribution, e.WebACL)
}

// ErrorName is the name of the error in the state machines. None retries it.
func (e *ForeignWebACLError) ErrorName() string { return "ForeignWebACL" }

// Protect puts the installation's web ACL before the distribution with an id,
// whose configuration config is, or takes it off, as the flow's spec says, and
// reports whether that changed anything. Another's web ACL stays; where ours is
// wanted, it is a *ForeignWebACLError.
func Protect(config *types.DistributionConfig, id string, in events.Flow) (changed bool, err error) {
	there, wanted, ours := aws.ToString(config.WebACLId), "", in.Made.WebACL
	if in.Sandbox.Spec.WAF {
		if in.WebACL == nil || in.WebACL.ARN == "" {
			return false, fmt.Errorf("distribution %s: the flow carries no web ACL", id)
		}
		wanted, ours = in.WebACL.ARN, in.WebACL
	}
	if there == wanted {
		return false, nil
	}
	if there != "" && (ours == nil || !sameName(there, ours.ARN)) {
		if wanted != "" {
			return false, &ForeignWebACLError{Distribution: id, WebACL: there}
		}
		return false, nil
	}
	config.WebACLId = &wanted
	return true, nil
}

// sameName reports whether two ARNs (…:global/webacl/NAME/ID) are of the same
// name: the installation's web ACL has another id each time that it is made.
func sameName(a, b string) bool {
	i, j := strings.LastIndexByte(a, '/'), strings.LastIndexByte(b, '/')
	return i > 0 && j > 0 && a[:i] == b[:j]
}
