package sqs

import (
	"crypto/md5" //nolint:gosec // SQS's own checksum, against accidents
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// Message is a message in a queue.
type Message struct {
	ID         string               `json:"id"`
	Body       string               `json:"body"`
	Attributes map[string]Attribute `json:"attributes,omitempty"`
	Sent       time.Time            `json:"sent"`
}

// Attribute is an attribute of a message.
type Attribute struct {
	DataType    string `json:"DataType"` // "String", "Number", "Binary"
	StringValue string `json:"StringValue,omitempty"`
	BinaryValue []byte `json:"BinaryValue,omitempty"`
}

type message struct {
	Message
	// What follows is not kept: hidden is until when it can't be received.
	hidden  time.Time
	first   time.Time
	count   int
	receipt string
}

// attributes are those of a queue that can be set, in seconds; 0 is SQS's own.
type attributes struct {
	Visibility *int `json:"visibility,omitempty"`
	Retention  int  `json:"retention,omitempty"`
	// Created is when the queue was made.
	Created time.Time `json:"created"`
}

// SQS's own.
const (
	standardVisibility = 30
	standardRetention  = 345600 // four days
)

func (a *attributes) visibility() int {
	if a.Visibility == nil {
		return standardVisibility
	}
	return *a.Visibility
}

func (a *attributes) retention() int {
	if a.Retention == 0 {
		return standardRetention
	}
	return a.Retention
}

type queue struct {
	name       string
	attributes attributes
	messages   []*message // the oldest first
}

// expire forgets messages that are too old.
func (q *queue) expire(now time.Time) {
	oldest := now.Add(-time.Duration(q.attributes.retention()) * time.Second)
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return !m.Sent.After(oldest) })
}

// receive takes up to a number of messages that can be received, and hides them.
func (q *queue) receive(now time.Time, most int, hide time.Duration, newID func() string) []*message {
	q.expire(now)
	var got []*message
	for _, m := range q.messages {
		if len(got) == most {
			break
		}
		if m.hidden.After(now) {
			continue
		}
		if m.count++; m.count == 1 {
			m.first = now
		}
		m.hidden, m.receipt = now.Add(hide), newID()
		got = append(got, m)
	}
	return got
}

// visible counts the messages that can be received, and those that are hidden.
func (q *queue) visible(now time.Time) (visible, hidden int) {
	q.expire(now)
	for _, m := range q.messages {
		if m.hidden.After(now) {
			hidden++
		} else {
			visible++
		}
	}
	return visible, hidden
}

func checksum(text []byte) string {
	sum := md5.Sum(text) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// attributesChecksum is SQS's checksum of a message's attributes; "" of none.
func attributesChecksum(all map[string]Attribute) string {
	if len(all) == 0 {
		return ""
	}
	var text []byte
	add := func(value string) {
		text = append(binary.BigEndian.AppendUint32(text, uint32(len(value))), value...)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		add(name)
		add(a.DataType)
		if a.BinaryValue != nil {
			text = append(text, 2)
			add(string(a.BinaryValue))
		} else {
			text = append(text, 1)
			add(a.StringValue)
		}
	}
	return checksum(text)
}
