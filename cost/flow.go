package cost

import (
	_ "embed" // what flows take
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Counted is what one execution of a machine takes when all goes well, as the
// tests of the machines count it: flows.json is theirs.
type Counted struct {
	// Transitions are the ones that Step Functions bills.
	Transitions uint64 `json:"transitions"`
	// Calls are of functions of 128 MB, LargeCalls of those of 512 MB.
	Calls      uint64 `json:"calls"`
	LargeCalls uint64 `json:"largeCalls,omitempty"`
}

//go:embed flows.json
var countedFlows []byte

// Flows returns what each machine's usual execution takes.
func Flows() (map[string]Counted, error) {
	var all map[string]Counted
	if err := json.Unmarshal(countedFlows, &all); err != nil {
		return nil, fmt.Errorf("what flows take: %w", err)
	}
	return all, nil
}

const (
	// callMilliseconds is how long a call is taken to run. Steps run for 20 to
	// 300 ms; half a second is worth 0.0000008 USD with 128 MB.
	callMilliseconds = 500
	usualMB, largeMB = 128, 512
	// callWrites are what the two changes of a record in a call write: each is a
	// transaction of the record and an event, which DynamoDB bills twice.
	callWrites = 8
	// callReads are those of the same, strongly consistent.
	callReads = 2
)

// Executions counts executions by machine.
type Executions map[string]uint64

// quantities returns what the executions took. A machine that nobody counted is
// taken for the dearest one.
func (e Executions) quantities(flows map[string]Counted) []Quantity {
	var dearest Counted
	for _, one := range flows {
		if one.Transitions > dearest.Transitions {
			dearest = one
		}
	}
	var transitions, calls, memory uint64
	for _, machine := range slices.Sorted(maps.Keys(e)) {
		one, ok := flows[machine]
		if !ok {
			one = dearest
		}
		n := e[machine]
		transitions += n * one.Transitions
		calls += n * (one.Calls + one.LargeCalls)
		memory += n * (one.Calls*usualMB + one.LargeCalls*largeMB) * callMilliseconds
	}
	return []Quantity{
		{StepFunctions, transitions, "of flows in which all goes well"},
		{LambdaRequests, calls, "of flows in which all goes well"},
		{LambdaDuration, memory, "as if each call took half a second"},
		{DynamoWrites, calls * callWrites, "as if each call changed its record twice"},
		{DynamoReads, calls * callReads, "as if each call read its record twice"},
	}
}
