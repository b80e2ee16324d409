package events

// CostsFlow is the part of a machine's document that step estimatecosts reads:
// how far it has come. Without Costs it begins.
type CostsFlow struct {
	Costs *CostsPage `json:"costs,omitempty"`
}

// CostsPage is what step estimatecosts has done so far.
type CostsPage struct {
	// Metered and Ended count the estimates that were brought up to date, and those
	// that ended with their sandboxes.
	Metered int `json:"metered"`
	Ended   int `json:"ended"`
	// Troubles are the first of what went wrong with single sandboxes, Failed counts
	// them all.
	Troubles []string `json:"troubles,omitempty"`
	Failed   int      `json:"failed,omitempty"`
	// After is where to go on; Done says that all is done.
	After string `json:"after,omitempty"`
	Done  bool   `json:"done"`

	// What the month comes to, once all is done: in US dollars, so far, at its end,
	// and what it saves that sandboxes are gone.
	Month    string `json:"month,omitempty"`
	USD      string `json:"usd,omitempty"`
	Forecast string `json:"forecast,omitempty"`
	Saved    string `json:"saved,omitempty"`
	// Billed says what Cost Explorer told, or why it told nothing.
	Billed string `json:"billed,omitempty"`
	// OverBudget are the owners whose budget is used up.
	OverBudget []string `json:"overBudget,omitempty"`
}

// BudgetNotice is the detail of the event that tells of an owner's budget: at 80
// per cent of it, and when it is used up, each once a month.
type BudgetNotice struct {
	// Stage is the installation's.
	Stage string `json:"stage"`
	Owner string `json:"owner"`
	Month string `json:"month"`
	// State is warn or over.
	State string `json:"state"`
	// Limit and Spent are in US dollars.
	Limit   string `json:"limit"`
	Spent   string `json:"spent"`
	Percent int    `json:"percent"`
	// Message is one line for a person.
	Message string `json:"message"`
}

// The source and the detail type of BudgetNotice on the event bus.
const (
	SourceMayfly       = "mayfly"
	DetailBudgetNotice = "Mayfly Budget"
)
