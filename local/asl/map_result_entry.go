package asl

import (
	"strconv"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// hasResult says whether a child has ended and its result is in no file yet, of
// which kind it is, and what there is to know of the child. Results of what
// succeeded before the attempt since are in files.
func (x *execution) hasResult(since int) (kind string, d Description) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.shown.status == StatusRunning:
		return "", Description{}
	case x.shown.status != StatusSucceeded:
		return resultsFailed, x.describe()
	case x.attempt < since:
		return "", Description{}
	default:
		return resultsSucceeded, x.describe()
	}
}

// eachResult calls each with what a child execution gave, as the transformation
// says; of one that did not succeed, with what it was. What each gets is good
// until it returns.
func (d *Description) eachResult(transform string, each func(result []byte) error) error {
	switch {
	case transform == transformNone || d.Status != StatusSucceeded:
		return each(appendEntry(nil, d))
	case transform == transformFlatten && (value{raw: d.Output}).kind() == '[':
		for start, end := range rawjson.Elements(d.Output) {
			if err := each(d.Output[start:end]); err != nil {
				return err
			}
		}
		return nil
	default:
		return each(d.Output)
	}
}

// appendEntry appends what there is to know of a child execution. Members come
// in the order of their names, as AWS writes them.
func appendEntry(out []byte, d *Description) []byte {
	first := true
	name := func(name string) {
		if first {
			out = append(out, '{')
		} else {
			out = append(out, ',')
		}
		first = false
		out = append(append(append(out, '"'), name...), '"', ':')
	}
	text := func(member, s string) { name(member); out = rawjson.AppendString(out, s) }
	if d.Status != StatusSucceeded {
		if d.Cause != "" {
			text("Cause", d.Cause)
		}
		if d.Error != "" {
			text("Error", d.Error)
		}
	}
	text("ExecutionArn", d.ExecutionARN)
	text("Input", string(d.Input))
	name("InputDetails")
	out = append(out, `{"Included":true}`...)
	text("Name", d.Name)
	if d.Status == StatusSucceeded {
		text("Output", string(d.Output))
	}
	name("OutputDetails")
	out = append(out, `{"Included":true}`...)
	name("RedriveCount")
	out = strconv.AppendInt(out, int64(d.RedriveCount), 10)
	if !d.RedriveDate.IsZero() {
		text("RedriveDate", isoTime(d.RedriveDate.UnixMilli()))
	}
	if !d.Express {
		text("RedriveStatus", string(d.RedriveStatus))
		if d.RedriveReason != "" {
			text("RedriveStatusReason", d.RedriveReason)
		}
	}
	text("StartDate", isoTime(d.StartDate.UnixMilli()))
	text("StateMachineArn", d.MachineARN)
	text("Status", string(d.Status))
	text("StopDate", isoTime(d.StopDate.UnixMilli()))
	return append(out, '}')
}

// appendPending appends what there is to know of a child execution that was not
// started.
func appendPending(out, input []byte) []byte {
	out = rawjson.AppendString(append(out, `{"Input":`...), string(input))
	return append(out, `,"InputDetails":{"Included":true},"Status":"PENDING"}`...)
}
