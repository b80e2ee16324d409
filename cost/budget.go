package cost

import (
	"fmt"
	"time"
)

// Budget is what an owner's sandboxes may cost in a month.
type Budget struct {
	Owner string `json:"owner"`
	Limit USD    `json:"limit"`
	// By is who set it, and At when.
	By string    `json:"by,omitempty"`
	At time.Time `json:"at"`
	// Warned is the last month in which its owner was warned, and Stopped the last
	// in which it was used up.
	Warned  Month `json:"warned,omitempty"`
	Stopped Month `json:"stopped,omitempty"`
	// Version is the store's: it grows by one with every write.
	Version int64 `json:"version"`
}

// warnAt is at how many hundredths of a budget its owner is warned.
const warnAt = 80

// State is how far a budget is used.
type State string

// The states of a budget.
const (
	BudgetFine State = "fine"
	BudgetWarn State = "warn" // 80 % and more
	BudgetOver State = "over" // 100 % and more: nothing new, and idle sandboxes sleep
)

// State returns how far the budget is used by what was spent in a month.
func (b *Budget) State(spent USD) State {
	switch {
	case spent >= b.Limit:
		return BudgetOver
	case spent >= share(b.Limit, warnAt, 100):
		return BudgetWarn
	}
	return BudgetFine
}

// Percent returns how many hundredths of the budget are spent, rounded down.
func (b *Budget) Percent(spent USD) int {
	if b.Limit <= 0 {
		return 100
	}
	return int(min(uint64(max(spent, 0))/uint64(max(b.Limit/100, 1)), 1_000_000))
}

// CheckLimit returns an error for what is no budget: less than nothing, or more
// than a million dollars, which is a slip of the keyboard.
func CheckLimit(limit USD) error {
	if limit < 0 || limit > 1_000_000*Dollar {
		return fmt.Errorf("a budget of %s USD: must be from 0 to 1,000,000", limit.Short())
	}
	return nil
}

// Change says what a month's spending does to a budget: whether its owner is to
// be warned, or told that it is used up; each once a month.
func (b *Budget) Change(month Month, spent USD) (warn, stop bool) {
	switch b.State(spent) {
	case BudgetOver:
		if b.Stopped != month {
			b.Stopped, b.Warned = month, month
			return false, true
		}
	case BudgetWarn:
		if b.Warned != month {
			b.Warned = month
			return true, false
		}
	case BudgetFine:
	}
	return false, false
}
