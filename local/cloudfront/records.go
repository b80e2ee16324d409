package cloudfront

import (
	"encoding/json"
	"fmt"
	"time"
)

// The records as they are kept. What is computed from them (status, what is
// deployed) is not.

const (
	kindDistribution = "distribution"
	kindIdentity     = "identity"
	kindControl      = "accesscontrol"
	kindFunction     = "function"
	kindInvalidation = "invalidation"
)

type distribution struct {
	ID, Domain, ETag string
	Modified         time.Time           // of the last change
	Spread           time.Time           // when Config is everywhere
	Config           *DistributionConfig // as asked for
	Previous         *DistributionConfig `json:",omitempty"` // served until Spread; nil for a new one
	Request          string              // digest of the creating request
	Tags             []Tag               `json:",omitempty"`

	before, after *Deployment // what the edge sees until Spread, and from then on
}

func (d *distribution) deployed(now time.Time) bool { return !now.Before(d.Spread) }

func (d *distribution) status(now time.Time) string {
	if d.deployed(now) {
		return "Deployed"
	}
	return "InProgress"
}

// serving is the configuration that the edge uses now.
func (d *distribution) serving(now time.Time) *DistributionConfig {
	if d.Previous == nil || d.deployed(now) {
		return d.Config
	}
	return d.Previous
}

func (d *distribution) arn() string { return arnPrefix + "distribution/" + d.ID }

type identity struct {
	ID, ETag, CanonicalUser  string
	CallerReference, Comment string
	CreatedComment           string // the comment of the creating request
}

type accessControl struct {
	ID, ETag string
	Config   OriginAccessControlConfig
}

type function struct {
	Name        string
	Created     time.Time
	Development functionStage
	Live        *functionStage `json:",omitempty"`
	Tags        []Tag          `json:",omitempty"`

	published *Function // what the edge sees
}

type functionStage struct {
	ETag     string
	Config   FunctionConfig
	Code     []byte
	Modified time.Time
}

func (f *function) arn() string { return arnPrefix + "function/" + f.Name }

type invalidation struct {
	ID, Distribution string
	Created          time.Time
	Done             time.Time
	Reference        string
	Paths            []string
}

func (i *invalidation) status(now time.Time) string {
	if now.Before(i.Done) {
		return "InProgress"
	}
	return "Completed"
}

// Tag is a key and a value on a distribution or function.
type Tag struct{ Key, Value string }

// tables are all records in memory, by id (functions by name, invalidations by
// distribution and id).
type tables struct {
	distributions map[string]*distribution
	identities    map[string]*identity
	controls      map[string]*accessControl
	functions     map[string]*function
	invalidations map[string]map[string]*invalidation
}

func newTables() tables {
	return tables{
		distributions: map[string]*distribution{},
		identities:    map[string]*identity{},
		controls:      map[string]*accessControl{},
		functions:     map[string]*function{},
		invalidations: map[string]map[string]*invalidation{},
	}
}

// add puts a record read from the store into its table.
func (t *tables) add(kind, id string, body []byte) error {
	switch kind {
	case kindDistribution:
		return into(t.distributions, id, body)
	case kindIdentity:
		return into(t.identities, id, body)
	case kindControl:
		return into(t.controls, id, body)
	case kindFunction:
		return into(t.functions, id, body)
	case kindInvalidation:
		var v invalidation
		if err := json.Unmarshal(body, &v); err != nil {
			return err
		}
		t.addInvalidation(&v)
		return nil
	}
	return fmt.Errorf("unknown kind of record")
}

func (t *tables) addInvalidation(v *invalidation) {
	if t.invalidations[v.Distribution] == nil {
		t.invalidations[v.Distribution] = map[string]*invalidation{}
	}
	t.invalidations[v.Distribution][v.ID] = v
}

func into[T any](table map[string]*T, id string, body []byte) error {
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return err
	}
	table[id] = v
	return nil
}
