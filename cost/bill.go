package cost

import "slices"

// Total is a sum of estimates.
type Total struct {
	Sandboxes            int
	USD, Forecast, Saved USD
}

// Add adds an estimate.
func (t *Total) Add(e *Estimate) {
	t.Sandboxes++
	t.USD, t.Forecast, t.Saved = t.USD.Plus(e.USD), t.Forecast.Plus(e.Forecast), t.Saved.Plus(e.Saved)
}

// Bill is what many estimates of one month come to, by item. The zero value is
// an empty bill.
type Bill struct {
	Total
	quantities map[Item]uint64
	amounts    map[Item]USD
}

// Add adds an estimate to the bill.
func (b *Bill) Add(e *Estimate) {
	if b.amounts == nil {
		b.quantities, b.amounts = make(map[Item]uint64), make(map[Item]USD)
	}
	b.Total.Add(e)
	for i := range e.Lines {
		line := &e.Lines[i]
		b.quantities[line.Item] += line.Quantity
		b.amounts[line.Item] = b.amounts[line.Item].Plus(line.USD)
	}
}

// Given is what an account gets of an item for nothing in a month.
type Given struct {
	Item Item
	// Text says what is free, USD what of the bill that is.
	Text string
	USD  USD
}

// Free returns what of the bill an account does not pay that uses what is free
// for nothing else, in the order of a bill.
func (b *Bill) Free(rates Rates) []Given {
	var all []Given
	for _, item := range Items() {
		free, ok := rates.Free(item)
		if used := b.quantities[item]; ok && used > 0 {
			all = append(all, Given{Item: item, Text: free.Text, USD: share(b.amounts[item], min(used, free.Quantity), used)})
		}
	}
	return slices.DeleteFunc(all, func(g Given) bool { return g.USD == 0 })
}
