package finishrelease

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/s3store"
)

// complete puts into the plan what the writing runs recorded of each object.
// Where a run was lost, or two disagree because one was repeated, the bucket
// itself is asked for the current version.
func (s *Step) complete(ctx context.Context, plan *release.Plan) error {
	if plan.Writes() == 0 {
		return nil
	}
	doubtful, err := s.recorded(ctx, plan)
	if err != nil {
		return err
	}
	for i := range plan.Entries {
		if e := &plan.Entries[i]; e.Write && e.VersionID == "" {
			doubtful[e.Path] = e
		}
	}
	if len(doubtful) == 0 {
		return nil
	}
	for version, err := range s3store.Current(ctx, s.s3, plan.Bucket) {
		if err != nil {
			return err
		}
		if e, ok := doubtful[version.Key]; ok && version.Size == e.Size {
			e.ETag, e.VersionID = version.ETag, version.VersionID
			delete(doubtful, version.Key)
		}
	}
	for path := range doubtful {
		return fmt.Errorf("object %q of the release is not in the bucket", path)
	}
	return nil
}

// recorded reads all parts, and returns the entries on which they disagree.
func (s *Step) recorded(ctx context.Context, plan *release.Plan) (map[string]*release.PlanEntry, error) {
	doubtful := make(map[string]*release.PlanEntry)
	work := release.WorkPrefix(plan.SandboxID, plan.Release)
	for object, err := range s3store.List(ctx, s.s3, s.uploads, work) {
		if err != nil {
			return nil, err
		}
		if !release.IsPartKey(strings.TrimPrefix(object.Key, work)) {
			continue
		}
		part, err := s3store.GetPart(ctx, s.s3, s.uploads, object.Key)
		if err != nil {
			return nil, err
		}
		for _, written := range part.Written {
			if written.Index < 0 || written.Index >= len(plan.Entries) || !plan.Entries[written.Index].Write {
				return nil, fmt.Errorf("s3://%s/%s names entry %d, which the plan does not write", s.uploads, object.Key, written.Index)
			}
			e := &plan.Entries[written.Index]
			if e.VersionID != "" && e.VersionID != written.VersionID {
				doubtful[e.Path] = e
			}
			e.ETag, e.VersionID = written.ETag, written.VersionID
		}
	}
	return doubtful, nil
}

func manifestOf(plan *release.Plan) release.Manifest {
	m := release.Manifest{
		ManifestHeader: release.ManifestHeader{
			SandboxID: plan.SandboxID, Release: plan.Release, Source: plan.Source,
			Written: plan.Writes(), Removed: len(plan.Remove),
		},
		Objects: make([]release.Object, len(plan.Entries)),
	}
	for i := range plan.Entries {
		m.Objects[i] = plan.Entries[i].Object
	}
	slices.SortFunc(m.Objects, func(a, b release.Object) int { return cmp.Compare(a.Path, b.Path) })
	return m
}
