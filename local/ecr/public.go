package ecr

// catalogData is how a public repository presents itself.
type catalogData struct {
	Description string `json:"description,omitempty"`
}

func (c *catalogData) check() error { return nil }
