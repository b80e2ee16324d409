package sqs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

type receiveInput struct {
	QueueURL                                                           string `json:"QueueUrl"`
	MaxNumberOfMessages, VisibilityTimeout, WaitTimeSeconds            *int
	MessageAttributeNames, AttributeNames, MessageSystemAttributeNames []string
}

type receiveOutput struct {
	Messages []received `json:",omitempty"`
}

type received struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]Attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

// within returns a number that was given, or the standard one.
func within(given *int, name string, standard, least, most int) (int, error) {
	if given == nil {
		return standard, nil
	}
	if *given < least || *given > most {
		return 0, invalid("Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", *given, name, least, most)
	}
	return *given, nil
}

// receiveMessage takes messages, and hides them for a while. Without any it
// waits, if it is told to.
func (s *Service) receiveMessage(ctx context.Context, in receiveInput) (out receiveOutput, err error) {
	most, err := within(in.MaxNumberOfMessages, "MaxNumberOfMessages", 1, 1, 10)
	if err != nil {
		return out, err
	}
	wait, err := within(in.WaitTimeSeconds, "WaitTimeSeconds", 0, 0, 20)
	if err != nil {
		return out, err
	}
	if _, err := within(in.VisibilityTimeout, "VisibilityTimeout", 0, 0, 43200); err != nil {
		return out, err
	}
	end := time.NewTimer(time.Duration(wait) * time.Second)
	defer end.Stop()
	for {
		got, sent, err := s.receiveNow(&in, most)
		if err != nil || len(got) > 0 || wait == 0 {
			return receiveOutput{got}, err
		}
		select {
		case <-sent:
		case <-end.C:
			return out, nil
		case <-ctx.Done():
			return out, nil // the client has gone
		}
	}
}

// receiveNow returns what there is, and what is closed when there may be more.
func (s *Service) receiveNow(in *receiveInput, most int) (got []received, sent <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[Name(in.QueueURL)]
	switch {
	case s.closed:
		return nil, nil, ErrClosed
	case q == nil:
		return nil, nil, ErrNoQueue
	}
	hide := q.attributes.visibility()
	if in.VisibilityTimeout != nil {
		hide = *in.VisibilityTimeout
	}
	for _, m := range q.receive(s.o.Now(), most, time.Duration(hide)*time.Second, s.o.NewID) {
		r := received{MessageID: m.ID, ReceiptHandle: m.receipt, MD5OfBody: checksum([]byte(m.Body)), Body: m.Body, Attributes: m.system(in)}
		for name, a := range m.Attributes {
			if asked(in.MessageAttributeNames, name) {
				if r.MessageAttributes == nil {
					r.MessageAttributes = map[string]Attribute{}
				}
				r.MessageAttributes[name] = a
			}
		}
		r.MD5OfMessageAttributes = attributesChecksum(r.MessageAttributes)
		got = append(got, r)
	}
	return got, s.sent, nil
}

// asked reports whether a list of names, which may end in ".*", has one.
func asked(list []string, name string) bool {
	return slices.ContainsFunc(list, func(wanted string) bool {
		prefix, some := strings.CutSuffix(wanted, ".*")
		return wanted == "All" || wanted == name || some && strings.HasPrefix(name, prefix)
	})
}

// system are the attributes that SQS gives a message.
func (m *message) system(in *receiveInput) map[string]string {
	all := map[string]string{
		"SentTimestamp":                    strconv.FormatInt(m.Sent.UnixMilli(), 10),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10),
		"ApproximateReceiveCount":          strconv.Itoa(m.count),
	}
	var told map[string]string
	for name, value := range all {
		if asked(in.AttributeNames, name) || asked(in.MessageSystemAttributeNames, name) {
			if told == nil {
				told = map[string]string{}
			}
			told[name] = value
		}
	}
	return told
}

type deleteInput struct {
	QueueURL      string `json:"QueueUrl"`
	ReceiptHandle string
}

// deleteMessage removes a message by its last receipt; one that is gone, or was
// received again since, is left.
func (s *Service) deleteMessage(_ context.Context, in deleteInput) (nothing, error) {
	if in.ReceiptHandle == "" {
		return nothing{}, &refusal{"com.amazonaws.sqs#MissingParameter", "MissingParameter;Sender", "The request must contain the parameter ReceiptHandle."}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[Name(in.QueueURL)]
	if q == nil {
		return nothing{}, ErrNoQueue
	}
	for _, m := range q.messages {
		if m.receipt == in.ReceiptHandle {
			return nothing{}, s.write(&record{Queue: q.name, Delete: m.ID})
		}
	}
	return nothing{}, nil
}
