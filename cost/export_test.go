package cost

// Taking returns the rates with other counts of what flows take.
func (r Rates) Taking(flows map[string]Counted) Rates {
	r.flows = flows
	return r
}
