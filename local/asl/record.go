package asl

import (
	"encoding/binary"
	"errors"
)

// record is one entry of an execution's log. The log is its history, its state
// and what goes to the journal, all in one: each event is encoded once, in a few
// bytes, and payloads that stand in the log already are only pointed to.
type record struct {
	kind     eventKind
	frame    uint32
	id       int64 // 0 when hidden
	previous int64
	time     int64 // milliseconds since 1970

	state  int // index plus one; 0 for none
	data   value
	vars   value
	name   string // error, worker or map run
	cause  string
	n1, n2 int64
}

// What a record has, in its mask byte.
const (
	hasState = 1 << iota
	hasData
	hasVars
	hasName
	hasCause
	hasN1
	hasN2
)

var errBadLog = errors.New("damaged execution log")

// appendRecord encodes r, given the id of the last visible event and the time
// of the last record. It fills in where the payloads stand.
func appendRecord(log []byte, r *record, lastTime int64) []byte {
	log = append(log, byte(r.kind))
	log = binary.AppendUvarint(log, uint64(r.frame))
	log = binary.AppendUvarint(log, uint64(r.previous))
	log = binary.AppendUvarint(log, uint64(r.time-lastTime))
	var mask byte
	if r.state != 0 {
		mask |= hasState
	}
	if r.data.raw != nil {
		mask |= hasData
	}
	if r.vars.raw != nil {
		mask |= hasVars
	}
	if r.name != "" {
		mask |= hasName
	}
	if r.cause != "" {
		mask |= hasCause
	}
	if r.n1 != 0 {
		mask |= hasN1
	}
	if r.n2 != 0 {
		mask |= hasN2
	}
	log = append(log, mask)
	if mask&hasState != 0 {
		log = binary.AppendUvarint(log, uint64(r.state))
	}
	if mask&hasData != 0 {
		log = appendPayload(log, &r.data)
	}
	if mask&hasVars != 0 {
		log = appendPayload(log, &r.vars)
	}
	if mask&hasName != 0 {
		log = append(binary.AppendUvarint(log, uint64(len(r.name))), r.name...)
	}
	if mask&hasCause != 0 {
		log = append(binary.AppendUvarint(log, uint64(len(r.cause))), r.cause...)
	}
	if mask&hasN1 != 0 {
		log = binary.AppendVarint(log, r.n1)
	}
	if mask&hasN2 != 0 {
		log = binary.AppendVarint(log, r.n2)
	}
	return log
}

// appendPayload writes a payload, or how far back it stands.
func appendPayload(log []byte, v *value) []byte {
	if v.at > 0 {
		log = binary.AppendUvarint(log, uint64(len(log)-v.at+2))
		return binary.AppendUvarint(log, uint64(len(v.raw)))
	}
	log = append(log, 0)
	log = binary.AppendUvarint(log, uint64(len(v.raw)))
	v.at = len(log) + 1
	return append(log, v.raw...)
}

// logReader decodes a log from its beginning.
type logReader struct {
	log    []byte
	at     int
	lastID int64
	time   int64
	failed bool
}

func (l *logReader) uvarint() uint64 {
	n, size := binary.Uvarint(l.log[l.at:])
	if size <= 0 {
		l.failed = true
		l.at = len(l.log)
		return 0
	}
	l.at += size
	return n
}

func (l *logReader) varint() int64 {
	n, size := binary.Varint(l.log[l.at:])
	if size <= 0 {
		l.failed = true
		l.at = len(l.log)
		return 0
	}
	l.at += size
	return n
}

func (l *logReader) bytes(n uint64) []byte {
	if n > uint64(len(l.log)-l.at) {
		l.failed = true
		l.at = len(l.log)
		return nil
	}
	part := l.log[l.at : l.at+int(n) : l.at+int(n)]
	l.at += int(n)
	return part
}

func (l *logReader) payload() value {
	here := l.at
	back := l.uvarint()
	size := l.uvarint()
	if back == 0 {
		start := l.at
		return value{raw: l.bytes(size), at: start + 1}
	}
	start := here - int(back) + 1
	if l.failed || start < 0 || start >= here || size > uint64(here-start) {
		l.failed = true
		return value{}
	}
	return value{raw: l.log[start : start+int(size) : start+int(size)], at: start + 1}
}

// next decodes one record into r. It returns false at the end, and an error
// when the log is damaged.
func (l *logReader) next(r *record) (bool, error) {
	if l.at >= len(l.log) {
		return false, nil
	}
	*r = record{kind: eventKind(l.log[l.at])}
	l.at++
	r.frame = uint32(l.uvarint())
	if r.kind < hidden {
		l.lastID++
		r.id = l.lastID
	}
	r.previous = int64(l.uvarint())
	l.time += int64(l.uvarint())
	r.time = l.time
	mask := byte(0)
	if b := l.bytes(1); b != nil {
		mask = b[0]
	}
	if mask&hasState != 0 {
		r.state = int(l.uvarint())
	}
	if mask&hasData != 0 {
		r.data = l.payload()
	}
	if mask&hasVars != 0 {
		r.vars = l.payload()
	}
	if mask&hasName != 0 {
		r.name = string(l.bytes(l.uvarint()))
	}
	if mask&hasCause != 0 {
		r.cause = string(l.bytes(l.uvarint()))
	}
	if mask&hasN1 != 0 {
		r.n1 = l.varint()
	}
	if mask&hasN2 != 0 {
		r.n2 = l.varint()
	}
	if l.failed {
		return false, errBadLog
	}
	return true, nil
}
