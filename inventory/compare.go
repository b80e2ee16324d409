package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Options is how a comparison is made.
type Options struct {
	Now time.Time
	// Lag is how long a list may not show what is there, of AWS's or of the
	// records.
	Lag time.Duration
}

// Finding is one difference between the account and the records, and what a
// teardown of it carries.
type Finding struct {
	events.Orphan
	Mark  Mark
	Owner string
	Made  events.Made
}

// Differences is what a comparison found.
type Differences struct {
	// Held counts what the account holds, Mayfly's or not, and Recorded the
	// resources in records.
	Held, Recorded int
	// Findings come in the order of sandboxes, kinds and ids.
	Findings []Finding
	// Troubles are what could not be looked at.
	Troubles []string
}

// comparison is one under way.
type comparison struct {
	account Account
	records Records
	options Options

	inventory Inventory
	// byID has the sandboxes that have records, and line whose ledger has what,
	// by kind and id.
	byID  map[string]*sandbox.Sandbox
	line  map[sandbox.Kind]map[string]string
	lives map[Mark]life
	found Differences
}

// Compare looks at the account and compares it with the records. The account is
// read first: what is made is written down before it is made, so that whatever
// the lists show is in the records by then. It returns an error when the records
// can't be read; what can't be looked at in the account is among the troubles.
func Compare(ctx context.Context, account Account, records Records, options Options) (Differences, error) {
	c := &comparison{
		account: account, records: records, options: options, inventory: account.List(ctx),
		byID: map[string]*sandbox.Sandbox{}, line: map[sandbox.Kind]map[string]string{}, lives: map[Mark]life{},
	}
	for kind, err := range c.inventory.Troubles {
		c.found.Troubles = append(c.found.Troubles, fmt.Sprintf("%s: %v", kind, err))
	}
	if err := c.read(ctx); err != nil {
		return Differences{}, err
	}
	if err := c.orphans(ctx); err != nil {
		return Differences{}, err
	}
	if err := c.missing(ctx); err != nil {
		return Differences{}, err
	}
	c.keepOrigins()
	slices.Sort(c.found.Troubles)
	slices.SortFunc(c.found.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Sandbox, b.Sandbox), strings.Compare(a.SandboxID, b.SandboxID), strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID))
	})
	return c.found, nil
}

// read reads all records.
func (c *comparison) read(ctx context.Context) error {
	for after := sandbox.Cursor(""); ; {
		page, next, err := c.records.List(ctx, sandbox.Filter{}, sandbox.Page{Limit: sandbox.MaxPage, After: after})
		if err != nil {
			return fmt.Errorf("list sandboxes: %w", err)
		}
		for i := range page {
			s := &page[i]
			c.byID[s.ID] = s
			for kind, r := range s.Resources {
				// Versioning goes with its bucket, and the web ACL is everybody's.
				if r.Status != sandbox.StatusMade || kind == sandbox.KindVersioning || kind == sandbox.KindWebACL {
					continue
				}
				if c.line[kind] == nil {
					c.line[kind] = map[string]string{}
				}
				c.line[kind][r.ID] = s.ID
				c.found.Recorded++
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// orphans finds what is in the account and in no record.
func (c *comparison) orphans(ctx context.Context) error {
	c.found.Held = len(c.inventory.Things)
	for _, thing := range c.inventory.Things {
		if _, recorded := c.line[thing.Kind][thing.ID]; recorded || !thing.Marked {
			continue
		}
		there, ok, err := c.account.Inspect(ctx, thing)
		if err != nil {
			// One that can't be read says nothing about the others.
			c.found.Troubles = append(c.found.Troubles, fmt.Sprintf("%s %s: %v", thing.Kind, thing.ID, err))
			continue
		}
		if !ok {
			continue
		}
		if err := c.judge(ctx, there); err != nil {
			return err
		}
	}
	return nil
}

// judge adds what is found out about something that no record has.
func (c *comparison) judge(ctx context.Context, thing Thing) error {
	f := Finding{
		Orphan: events.Orphan{Kind: string(thing.Kind), ID: thing.ID, Sandbox: thing.Mark.Name, SandboxID: thing.Mark.ID, In: events.OrphanInAccount, At: thing.At},
		Mark:   thing.Mark, Made: thing.Made,
	}
	if thing.Own {
		// A list that lags may not show a new sandbox; its uploads are as new.
		if c.byID[thing.Mark.ID] == nil && c.options.Now.Sub(thing.At) >= c.options.Lag {
			f.Proven, f.Why = true, "it is in the installation's own bucket, under the id of a sandbox that has no record"
			c.found.Findings = append(c.found.Findings, f)
		}
		return nil
	}
	if thing.Doubt != "" {
		f.Why = thing.Doubt
		c.found.Findings = append(c.found.Findings, f)
		return nil
	}
	s, err := c.record(ctx, thing.Mark)
	if err != nil {
		return err
	}
	if s != nil {
		if c.expected(s, thing) {
			return nil
		}
		if _, has := s.Resource(thing.Kind); s.Phase == sandbox.PhaseFailed && !has {
			// Its undoing is over, and found nothing of this kind: it came too late.
			f.Owner, f.Proven = s.Owner, true
			f.Why = fmt.Sprintf("every mark is that of sandbox %s (%s), which failed, and whose ledger does not have it", s.Name, s.ID)
			c.found.Findings = append(c.found.Findings, f)
			return nil
		}
		f.Why = fmt.Sprintf("sandbox %s is there, in phase %s, and its ledger does not have it; delete the sandbox first", s.Name, s.Phase)
		c.found.Findings = append(c.found.Findings, f)
		return nil
	}
	lived, err := c.lifeOf(ctx, thing.Mark)
	if err != nil {
		return err
	}
	switch {
	case !lived.known:
		f.Why = fmt.Sprintf("this installation made no sandbox %s with the id %s in the last 90 days: it is another installation's, or older", thing.Mark.Name, thing.Mark.ID)
	default:
		f.Why = lived.covers(thing.At)
	}
	if f.Owner, f.Proven = lived.owner, f.Why == ""; f.Proven {
		f.Why = fmt.Sprintf("every mark is that of sandbox %s (%s) of this installation, which has had no record since %s", thing.Mark.Name, thing.Mark.ID, clock(lived.until))
	}
	c.found.Findings = append(c.found.Findings, f)
	return nil
}

// record returns the record of a sandbox, nil when there is none. Lists lag
// behind: only a read of the record itself says that it is gone.
func (c *comparison) record(ctx context.Context, mark Mark) (*sandbox.Sandbox, error) {
	if s := c.byID[mark.ID]; s != nil {
		return s, nil
	}
	s, err := c.records.Get(ctx, mark.Name)
	if errors.Is(err, sandbox.ErrNotFound) || err == nil && s.ID != mark.ID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read sandbox %s: %w", mark.Name, err)
	}
	return &s, nil
}

// expected reports whether a flow that is under way accounts for something that
// the ledger does not have as made.
func (c *comparison) expected(s *sandbox.Sandbox, thing Thing) bool {
	if r, ok := s.Resource(thing.Kind); ok && (r.Status == sandbox.StatusIntended || r.ID == thing.ID) {
		return true
	}
	return s.Phase == sandbox.PhaseDeleting // it is listed for a while after it is gone
}

// missing finds what is in a record and not in the account.
func (c *comparison) missing(ctx context.Context) error {
	held := make(map[sandbox.Kind]map[string]bool)
	for _, thing := range c.inventory.Things {
		if held[thing.Kind] == nil {
			held[thing.Kind] = map[string]bool{}
		}
		held[thing.Kind][thing.ID] = true
	}
	for kind, lines := range c.line {
		if c.inventory.Troubles[kind] != nil {
			continue
		}
		for id, sandboxID := range lines {
			if held[kind][id] {
				continue
			}
			if err := c.lost(ctx, c.byID[sandboxID], kind, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// lost adds something that a record has and the account has not, unless that
// has changed meanwhile or is too new to be listed.
func (c *comparison) lost(ctx context.Context, was *sandbox.Sandbox, kind sandbox.Kind, id string) error {
	s, err := c.records.Get(ctx, was.Name)
	if errors.Is(err, sandbox.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read sandbox %s: %w", was.Name, err)
	}
	r, ok := s.Resource(kind)
	if s.ID != was.ID || !ok || r.ID != id || s.Phase == sandbox.PhaseDeleting || c.options.Now.Sub(r.At) < c.options.Lag {
		return nil
	}
	c.found.Findings = append(c.found.Findings, Finding{
		Orphan: events.Orphan{
			Kind: string(kind), ID: id, Sandbox: s.Name, SandboxID: s.ID, In: events.OrphanInRecord, At: r.At,
			Why: fmt.Sprintf("the record of sandbox %s has it as made at %s, and the account does not have it: somebody else deleted it", s.Name, clock(r.At)),
		},
		Mark: Mark{Name: s.Name, ID: s.ID}, Owner: s.Owner,
	})
	return nil
}

// keepOrigins takes back the proof of buckets that a distribution has as its
// origin, unless that goes first with the same sandbox: once the bucket's name
// is free, it would serve what anybody puts there.
func (c *comparison) keepOrigins() {
	goes := make(map[string]string) // a proven distribution's sandbox
	for _, f := range c.found.Findings {
		if f.Proven && f.Kind == string(sandbox.KindDistribution) {
			goes[f.ID] = f.SandboxID
		}
	}
	for i := range c.found.Findings {
		f := &c.found.Findings[i]
		if !f.Proven || f.Kind != string(sandbox.KindBucket) {
			continue
		}
		if err := c.inventory.Troubles[sandbox.KindDistribution]; err != nil {
			f.Proven, f.Why = false, "it is not known which distributions have it as their origin"
		}
		for _, distribution := range c.inventory.Origins[f.ID] {
			if goes[distribution] != f.SandboxID {
				f.Proven, f.Why = false, fmt.Sprintf("distribution %s has it as its origin, and is not proven to be Mayfly's", distribution)
			}
		}
	}
}
