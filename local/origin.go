package local

import (
	"net/http"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
	"github.com/mayfly-dev/mayfly/local/edge"
	"github.com/mayfly-dev/mayfly/local/s3"
)

// origin is where the edge reads from: the local buckets, as whoever the
// distribution says it is. S3 decides, by the bucket's policy.
type origin struct {
	objects    *s3.Service
	identities *cloudfront.Service
}

// Fetch reads from a bucket. A custom origin would be another machine, and
// this cloud opens no connection to one.
func (o origin) Fetch(as edge.Principal, r *http.Request) (*http.Response, error) {
	who := s3.Anonymous()
	switch {
	case as.OriginAccessIdentity != "":
		user, ok := o.identities.OriginAccessIdentity(as.OriginAccessIdentity)
		if ok {
			who = s3.OriginAccessIdentity(as.OriginAccessIdentity, user)
		}
	case as.DistributionARN != "":
		who = s3.CloudFront(as.DistributionARN)
	}
	return o.objects.RoundTripper(who).RoundTrip(r)
}
