package edge

import "github.com/mayfly-dev/mayfly/local/cloudfront"

// invalidate drops what an invalidation names. Fetches of the distribution
// that are under way are answered to those who wait, and not kept.
func (e *Edge) invalidate(i cloudfront.Invalidation) {
	e.cache.invalidate(i.DistributionID, i.Paths)
}
