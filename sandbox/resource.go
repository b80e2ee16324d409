package sandbox

import (
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Resource is one line of the ledger. It is written as intended before the
// create call and as made after it, so that a crash or a lost reply between
// the two leaves a trace that teardown follows.
type Resource struct {
	Kind   Kind   `json:"kind"`
	Status Status `json:"status"`
	// ID is AWS's name for it: a bucket's name, a distribution's or an
	// identity's id, a repository's name. An intended resource whose id AWS chooses has none yet.
	ID string `json:"id,omitempty"`
	// ARN, DomainName, CanonicalUserID, Region, WebsiteURL and URI are kept
	// where the kind has them.
	ARN             string    `json:"arn,omitempty"`
	DomainName      string    `json:"domainName,omitempty"`
	CanonicalUserID string    `json:"canonicalUserId,omitempty"`
	Region          string    `json:"region,omitempty"`
	WebsiteURL      string    `json:"websiteUrl,omitempty"`
	URI             string    `json:"uri,omitempty"`
	At              time.Time `json:"at"`
}

// Kind is a kind of resource. A sandbox has at most one of each.
type Kind string

// The kinds of resource. Versioning is no resource of its own, but releases
// may start as soon as it is on.
const (
	KindBucket       Kind = "bucket"
	KindVersioning   Kind = "versioning"
	KindOAI          Kind = "originAccessIdentity"
	KindOAC          Kind = "originAccessControl"
	KindDistribution Kind = "distribution"

	KindRepository       Kind = "repository"
	KindPublicRepository Kind = "publicRepository"

	// KindWebACL says that a sandbox uses the installation's web ACL, or is
	// about to. It is shared, so the line of one sandbox may go and the web ACL
	// stay.
	KindWebACL Kind = "webACL"
)

// Status is how far a resource is.
type Status string

// The statuses of a resource. What is gone is no longer in the ledger.
const (
	StatusIntended Status = "intended"
	StatusMade     Status = "made"
)

// Resource returns the ledger's line for kind, and whether there is one.
func (s *Sandbox) Resource(kind Kind) (Resource, bool) {
	r, ok := s.Resources[kind]
	return r, ok
}

// Made returns the ledger in the form that flows carry: what was made, and the
// web ACL also where it was only intended.
func (s *Sandbox) Made() events.Made {
	var made events.Made
	if r, ok := s.Resources[KindBucket]; ok && r.Status == StatusMade {
		made.Bucket = &events.Bucket{Name: r.ID, Region: r.Region, WebsiteURL: r.WebsiteURL}
	}
	for kind, access := range map[Kind]events.OriginAccess{KindOAI: events.OriginAccessIdentity, KindOAC: events.OriginAccessControl} {
		if r, ok := s.Resources[kind]; ok && r.Status == StatusMade {
			made.OriginAccess = &events.AccessHandle{Kind: access, ID: r.ID, CanonicalUserID: r.CanonicalUserID}
		}
	}
	if r, ok := s.Resources[KindDistribution]; ok && r.Status == StatusMade {
		made.Distribution = &events.Distribution{ID: r.ID, ARN: r.ARN, DomainName: r.DomainName, ChangedAt: r.At}
	}
	made.Repository = s.repository()
	// Its name is known before it is made, and is all that its removal needs.
	if r, ok := s.Resources[KindWebACL]; ok {
		made.WebACL = &events.WebACL{Name: r.ID, ARN: r.ARN}
	}
	return made
}

// repository returns the sandbox's repository, or nil when none was made.
func (s *Sandbox) repository() *events.Repository {
	for _, kind := range []Kind{KindRepository, KindPublicRepository} {
		if r, ok := s.Resources[kind]; ok && r.Status == StatusMade {
			return &events.Repository{Name: r.ID, ARN: r.ARN, URI: r.URI, Public: kind == KindPublicRepository}
		}
	}
	return nil
}
