package meter

// Used is what was asked for: the distributions with requests, by their ids, and
// the private repositories with pulls, by their names.
type Used struct{ Distributions, Repositories map[string]bool }

func newUsed() Used {
	return Used{Distributions: map[string]bool{}, Repositories: map[string]bool{}}
}

// TakeUsed returns what was asked for since it was called before, as far as
// CloudWatch was told of it.
func (m *Meter) TakeUsed() Used {
	m.flushing.Lock()
	defer m.flushing.Unlock()
	used := m.used
	m.used = newUsed()
	return used
}
