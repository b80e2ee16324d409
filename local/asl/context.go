package asl

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// contextObject is what "$$" and $states.context name.
func (x *execution) contextObject(f *frame) []byte {
	if x.test != nil && x.test.in.Context != nil {
		members := bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(x.test.in.Context), []byte{'}'}))
		return append(appendItem(slices.Clone(members), f), '}')
	}
	out := make([]byte, 0, 512)
	text := func(before, s string) { out = rawjson.AppendString(append(out, before...), s) }
	text(`{"Execution":{"Id":`, x.info.arn)
	out = append(append(out, `,"Input":`...), x.input().raw...)
	text(`,"StartTime":`, isoTime(x.info.started))
	text(`,"Name":`, x.info.name)
	text(`,"RoleArn":`, x.info.roleARN)
	out = strconv.AppendInt(append(out, `,"RedriveCount":`...), int64(x.redrives), 10)
	if x.redrivenAt != 0 {
		text(`,"RedriveTime":`, isoTime(x.redrivenAt))
	}
	text(`},"StateMachine":{"Id":`, x.info.machineARN)
	text(`,"Name":`, machineName(x.info.machineARN))
	out = append(out, '}')
	if f.state != nil {
		// An item selector is evaluated for an iteration, in the map state's name.
		state := f
		if !f.began && f.parent != nil {
			state = f.parent
		}
		text(`,"State":{"Name":`, state.state.name)
		text(`,"EnteredTime":`, isoTime(state.enteredAt))
		out = strconv.AppendInt(append(out, `,"RetryCount":`...), int64(state.attempts), 10)
		out = append(out, '}')
	}
	out = appendItem(out, f)
	if f.task != nil {
		text(`,"Task":{"Token":`, x.token(f.task))
		out = append(out, '}')
	}
	return append(out, '}')
}

// appendItem appends the map item that a frame works on to the members of the
// context object.
func appendItem(out []byte, f *frame) []byte {
	item, ok := f.mapItem()
	if !ok {
		return out
	}
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	out = strconv.AppendInt(append(out, `"Map":{"Item":{"Index":`...), int64(item.index), 10)
	if item.member {
		out = rawjson.AppendString(append(out, `,"Key":`...), item.key)
	}
	out = append(append(out, `,"Value":`...), item.value.raw...)
	out = rawjson.AppendString(append(out, `,"Source":`...), item.source)
	return append(out, '}', '}')
}

func isoTime(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// machineName is the last part of a state machine's ARN.
func machineName(arn string) string {
	const mark = ":stateMachine:"
	for i := 0; i+len(mark) <= len(arn); i++ {
		if arn[i:i+len(mark)] == mark {
			arn = arn[i+len(mark):]
			break
		}
	}
	for i := range len(arn) {
		if arn[i] == ':' || arn[i] == '/' {
			return arn[:i]
		}
	}
	return arn
}
