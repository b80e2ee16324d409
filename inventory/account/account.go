// Package account reads what an account of AWS holds, for package inventory:
// buckets, distributions, origin access identities and controls, and
// repositories of both registries. Every list is read to its end.
package account

import (
	"context"
	"sync"

	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Options is what is known of the installation.
type Options struct {
	// Region is where its buckets are.
	Region string
	// UploadBucket is the installation's own bucket for the content of releases;
	// empty for none.
	UploadBucket string
	// RepositoryPrefix is what the names of its repositories begin with. Others
	// are not looked at.
	RepositoryPrefix string
}

// Account is an account. Its methods may be called at once.
type Account struct {
	buckets       Buckets
	distributions Distributions
	repositories  Repositories
	public        PublicRepositories
	options       Options
}

// New returns the account that the clients are of.
func New(buckets Buckets, distributions Distributions, repositories Repositories, public PublicRepositories, options Options) *Account {
	return &Account{buckets: buckets, distributions: distributions, repositories: repositories, public: public, options: options}
}

var _ inventory.Account = (*Account)(nil)

// List lists all kinds at once; see inventory.Account.
func (a *Account) List(ctx context.Context) inventory.Inventory {
	all := inventory.Inventory{Origins: map[string][]string{}, Troubles: map[sandbox.Kind]error{}}
	var mu sync.Mutex
	var lists sync.WaitGroup
	for kind, list := range map[sandbox.Kind]func(context.Context) ([]inventory.Thing, map[string][]string, error){
		sandbox.KindBucket:           a.listBuckets,
		inventory.KindUploads:        a.listUploads,
		sandbox.KindDistribution:     a.listDistributions,
		sandbox.KindOAI:              a.listIdentities,
		sandbox.KindOAC:              a.listControls,
		sandbox.KindRepository:       a.listRepositories,
		sandbox.KindPublicRepository: a.listPublic,
	} {
		lists.Go(func() {
			things, origins, err := list(ctx)
			mu.Lock()
			defer mu.Unlock()
			all.Things = append(all.Things, things...)
			for bucket, distributions := range origins {
				all.Origins[bucket] = distributions
			}
			if err != nil {
				all.Troubles[kind] = err
			}
		})
	}
	lists.Wait()
	return all
}

// Inspect reads what the lists don't tell; see inventory.Account.
func (a *Account) Inspect(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	switch thing.Kind {
	case sandbox.KindBucket:
		return a.inspectBucket(ctx, thing)
	case inventory.KindUploads:
		return a.inspectUploads(ctx, thing)
	case sandbox.KindDistribution:
		return a.inspectDistribution(ctx, thing)
	case sandbox.KindOAI:
		return a.inspectIdentity(ctx, thing)
	case sandbox.KindOAC:
		return a.inspectControl(ctx, thing)
	case sandbox.KindRepository:
		return a.inspectRepository(ctx, thing)
	case sandbox.KindPublicRepository:
		return a.inspectPublic(ctx, thing)
	}
	return thing, true, nil
}
