package repository

import (
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Mutability returns which tags of a private repository may move: all, or none
// but those of the filters. Mayfly's own tag always may, for it moves with what
// is deployed.
func Mutability(spec events.RepositorySpec) (types.ImageTagMutability, []types.ImageTagMutabilityExclusionFilter) {
	if !spec.ImmutableTags {
		return types.ImageTagMutabilityMutable, nil
	}
	var movable []types.ImageTagMutabilityExclusionFilter
	for _, tag := range append([]string{sandbox.LiveTag}, spec.MutableTags...) {
		movable = append(movable, types.ImageTagMutabilityExclusionFilter{
			FilterType: types.ImageTagMutabilityExclusionFilterTypeWildcard, Filter: &tag,
		})
	}
	return types.ImageTagMutabilityImmutableWithExclusion, movable
}
