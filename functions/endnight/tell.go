package endnight

import (
	"context"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/night"
)

// tell tells people of what a night leaves to them. Where that fails the night
// has ended all the same: it is in its record, and the next night tells again.
func (s *Step) tell(ctx context.Context, n night.Night, found *events.FoundOrphans) error {
	told := events.NightNotice{Stage: s.notices.Stage, Night: n.ID, Quarantined: n.Counts.Quarantined}
	if found != nil {
		told.Orphans = found.Proven
	}
	var left []string
	if told.Quarantined > 0 {
		left = append(left, fmt.Sprintf("%s failed too many nights to be tried again (mayfly nights %s)", counted(told.Quarantined, "sandbox", "sandboxes"), n.ID))
	}
	if told.Orphans > 0 {
		left = append(left, fmt.Sprintf("%s of sandboxes that are gone could not be removed (mayfly orphans --last)", counted(told.Orphans, "resource", "resources")))
	}
	if len(left) == 0 {
		return nil
	}
	told.Message = fmt.Sprintf("the night %s left to a person: %s", n.ID, strings.Join(left, "; "))
	failed := s.notices.Tell(ctx, events.DetailNightNotice, told)
	if failed == nil {
		return nil
	}
	_, err := s.nights.UpdateNight(ctx, n.ID, func(n *night.Night) error {
		n.Trouble("nobody could be told of what it left: " + failed.Error())
		return nil
	})
	return err
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
