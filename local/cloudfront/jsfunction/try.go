package jsfunction

import (
	"encoding/json"
	"fmt"
	"time"
)

// Trial is the outcome of running a function with an event given as JSON.
type Trial struct {
	Output  string // JSON with request or response
	Logs    []string
	Err     error // what the function did wrong
	Used    time.Duration
	Percent int // of the time limit
}

// Try runs the function with an event given as JSON, as TestFunction does. The
// error says that the event is not one.
func (p *Program) Try(event []byte) (*Trial, error) {
	var shape struct {
		Context struct {
			EventType string `json:"eventType"`
		} `json:"context"`
	}
	var given map[string]any
	if err := json.Unmarshal(event, &given); err != nil {
		return nil, fmt.Errorf("event object: %w", err)
	}
	if err := json.Unmarshal(event, &shape); err != nil {
		return nil, fmt.Errorf("event object: %w", err)
	}
	r := &run{program: p, event: &Event{}, kind: shape.Context.EventType, text: event}
	began := p.now()
	value, err := r.do()
	trial := &Trial{Logs: r.logs, Err: err, Used: p.now().Sub(began)}
	trial.Percent = int(min(100*trial.Used/p.limit, 100))
	if err != nil {
		return trial, nil
	}
	returned, err := json.Marshal(value)
	if err != nil {
		trial.Err = fmt.Errorf("function %s: its result is no JSON: %w", p.name, err)
		return trial, nil
	}
	name := "request"
	if object := value.ToObject(r.vm); object.Get("statusCode") != nil {
		name = "response"
	}
	trial.Output = fmt.Sprintf("{%q:%s}", name, returned)
	return trial, nil
}
