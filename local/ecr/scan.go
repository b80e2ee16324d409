package ecr

import "encoding/json"

// scanStatus is how far the scan of an image is.
type scanStatus struct {
	Status      string `json:"status"`
	Description string `json:"description,omitempty"`
}

// scanSummary counts what a scan found.
type scanSummary struct {
	CompletedAt    *instant         `json:"imageScanCompletedAt,omitempty"`
	SeverityCounts map[string]int32 `json:"findingSeverityCounts"`
}

// scanned is the outcome of a scan as it is kept.
type scanned struct {
	Status      scanStatus `json:"status"`
	CompletedAt int64      `json:"completedAt,omitempty"`
}

func readScan(text string) (scanned, bool) {
	var s scanned
	return s, text != "" && json.Unmarshal([]byte(text), &s) == nil
}

func (s scanned) summary() *scanSummary { return nil }
