package bus

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Chaos is what may go wrong with deliveries on purpose, to test what depends on
// them. AWS promises no better: an event comes at least once, in any order, and
// some services send theirs on a best effort basis. Probabilities are from 0 to
// 1, and are of each target of each event.
type Chaos struct {
	// Seed makes the same choices for the same deliveries in the same order.
	Seed uint64
	// Duplicate delivers twice, as two deliveries.
	Duplicate float64
	// Lose does not deliver, nor keeps a dead letter.
	Lose float64
	// Reorder lets the next delivery to the same target go first, but waits no
	// longer than a second for one.
	Reorder float64
	// Delay delivers late, by a random time up to Delay.
	Delay time.Duration
}

// SetChaos changes what goes wrong with the events put from now on. The zero
// Chaos, with which a service begins, lets nothing go wrong.
func (s *Service) SetChaos(c Chaos) { s.chaos.set(c) }

// holdFor is how long a parcel waits for another one to go first.
const holdFor = time.Second

type chaos struct {
	mu     sync.Mutex
	on     bool
	config Chaos
	random *rand.Rand
}

func (c *chaos) set(config Chaos) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.config, c.on = config, config != Chaos{}
	c.random = rand.New(rand.NewPCG(config.Seed, config.Seed)) //nolint:gosec // to repeat, not to hide
}

// of returns what becomes of a parcel: itself, nothing, or it and its double.
func (c *chaos) of(p *parcel) []*parcel {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.on {
		return []*parcel{p}
	}
	happens := func(probability float64) bool { return c.random.Float64() < probability }
	if happens(c.config.Lose) {
		return nil
	}
	parcels := []*parcel{p}
	if happens(c.config.Duplicate) {
		double := *p
		double.ID += "/" + strconv.Itoa(len(parcels)+1)
		parcels = append(parcels, &double)
	}
	for _, p := range parcels {
		if c.config.Delay > 0 {
			p.Due = p.Due.Add(time.Duration(c.random.Int64N(int64(c.config.Delay) + 1)))
		}
		if happens(c.config.Reorder) {
			p.held = true
			p.Due = p.Due.Add(holdFor)
		}
	}
	return parcels
}
