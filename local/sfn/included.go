package sfn

// included says how much of a description is asked for: all of it, or what says
// nothing of payloads and definitions, for which no key is needed.
type included struct {
	IncludedData string `json:"includedData"`
}

// data reports whether payloads and definitions are asked for.
func (in included) data() (bool, error) {
	switch in.IncludedData {
	case "", "ALL_DATA":
		return true, nil
	case "METADATA_ONLY":
		return false, nil
	}
	return false, failf("ValidationException", "1 validation error detected: Value '%s' at 'includedData' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]", in.IncludedData)
}
