package activity

import (
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// LastOf returns the last use of a sandbox that its record tells, and when
// requests and pulls were last asked for; the zero time when they never were, so
// that it may have been used since.
func LastOf(box *sandbox.Sandbox) (last Use, readAt time.Time) {
	return Of(box).Known.Later(Use{Kind(box.LastUse.Kind), box.LastUse.At}), box.LastUse.ReadAt
}

// Note writes into a sandbox's record what was read at a time. What is not known
// whole is not noted; who pulls from a public repository is never known, and
// keeps nothing else from being so.
func (a Activity) Note(box *sandbox.Sandbox, now time.Time) {
	if len(a.Unknown) > 0 {
		return
	}
	last := a.Last.Later(Use{Kind(box.LastUse.Kind), box.LastUse.At})
	box.LastUse = sandbox.Use{Kind: string(last.Kind), At: last.At, ReadAt: now}
}
