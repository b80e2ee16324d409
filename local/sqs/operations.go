package sqs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// allOperations is the API by the names that X-Amz-Target has.
func (s *Service) allOperations() map[string]operation {
	return map[string]operation{
		"CreateQueue":        typed(s.createQueue),
		"GetQueueUrl":        typed(s.getQueueURL),
		"ListQueues":         typed(s.listQueues),
		"DeleteQueue":        typed(s.deleteQueue),
		"PurgeQueue":         typed(s.purgeQueue),
		"GetQueueAttributes": typed(s.getQueueAttributes),
		"SetQueueAttributes": typed(s.setQueueAttributes),
		"SendMessage":        typed(s.sendMessage),
		"ReceiveMessage":     typed(s.receiveMessage),
		"DeleteMessage":      typed(s.deleteMessage),
	}
}

type nothing struct{}

type queueInput struct {
	QueueName      string
	QueueURL       string `json:"QueueUrl"`
	Attributes     map[string]string
	AttributeNames []string
}

type queueOutput struct {
	QueueURL string `json:"QueueUrl"`
}

// ARN returns the ARN of a queue.
func (s *Service) ARN(name string) string {
	return strings.Join([]string{"arn:aws:sqs", s.o.Region, s.o.Account, name}, ":")
}

func (s *Service) url(name string) string { return s.o.URL + "/" + s.o.Account + "/" + name }

// Name returns the name in a queue's URL or ARN.
func Name(urlOrARN string) string {
	return urlOrARN[strings.LastIndexAny(urlOrARN, "/:")+1:]
}

// set reads attributes of a queue that matter here; others are taken, and do
// nothing.
func (a *attributes) set(given map[string]string) error {
	for name, limits := range map[string][2]int{"VisibilityTimeout": {0, 43200}, "MessageRetentionPeriod": {60, 1209600}} {
		text, ok := given[name]
		if !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < limits[0] || n > limits[1] {
			return &refusal{"com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue;Sender", "Invalid value for the parameter " + name + "."}
		}
		if name == "VisibilityTimeout" {
			a.Visibility = &n
		} else {
			a.Retention = n
		}
	}
	return nil
}

// createQueue makes a queue; one that is there with the same attributes is it.
func (s *Service) createQueue(_ context.Context, in queueInput) (out queueOutput, err error) {
	if strings.HasSuffix(in.QueueName, ".fifo") || in.Attributes["FifoQueue"] == "true" {
		return out, &refusal{"com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation;Sender", "FIFO queues are not part of this local cloud."}
	}
	if !names.MatchString(in.QueueName) {
		return out, invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	a := attributes{Created: s.o.Now()}
	if err := a.set(in.Attributes); err != nil {
		return out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[in.QueueName]; q != nil {
		if q.attributes.visibility() != a.visibility() || q.attributes.retention() != a.retention() {
			return out, &refusal{"com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists;Sender", "A queue already exists with the same name and a different value for an attribute."}
		}
		return queueOutput{s.url(in.QueueName)}, nil
	}
	return queueOutput{s.url(in.QueueName)}, s.write(&record{Queue: in.QueueName, Create: &a})
}

func (s *Service) getQueueURL(_ context.Context, in queueInput) (out queueOutput, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[in.QueueName] == nil {
		return out, ErrNoQueue
	}
	return queueOutput{s.url(in.QueueName)}, nil
}

type listOutput struct {
	QueueURLs []string `json:"QueueUrls"`
}

func (s *Service) listQueues(_ context.Context, in struct{ QueueNamePrefix string }) (listOutput, error) {
	out := listOutput{QueueURLs: []string{}}
	for _, name := range s.Queues() {
		if strings.HasPrefix(name, in.QueueNamePrefix) {
			out.QueueURLs = append(out.QueueURLs, s.url(name))
		}
	}
	return out, nil
}

// change writes a record about a queue that is there.
func (s *Service) change(url string, edit func(*queue, *record) error) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[Name(url)]
	if q == nil {
		return nothing{}, ErrNoQueue
	}
	r := &record{Queue: q.name}
	if err := edit(q, r); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.write(r)
}

func (s *Service) deleteQueue(_ context.Context, in queueInput) (nothing, error) {
	return s.change(in.QueueURL, func(_ *queue, r *record) error { r.Drop = true; return nil })
}

func (s *Service) purgeQueue(_ context.Context, in queueInput) (nothing, error) {
	return s.change(in.QueueURL, func(_ *queue, r *record) error { r.Purge = true; return nil })
}

func (s *Service) setQueueAttributes(_ context.Context, in queueInput) (nothing, error) {
	return s.change(in.QueueURL, func(q *queue, r *record) error {
		a := q.attributes
		r.Create = &a
		return a.set(in.Attributes)
	})
}

type attributesOutput struct{ Attributes map[string]string }

func (s *Service) getQueueAttributes(_ context.Context, in queueInput) (out attributesOutput, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[Name(in.QueueURL)]
	if q == nil {
		return out, ErrNoQueue
	}
	visible, hidden := q.visible(s.o.Now())
	all := map[string]string{
		"QueueArn":                              s.ARN(q.name),
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(hidden),
		"ApproximateNumberOfMessagesDelayed":    "0",
		"VisibilityTimeout":                     strconv.Itoa(q.attributes.visibility()),
		"MessageRetentionPeriod":                strconv.Itoa(q.attributes.retention()),
		"CreatedTimestamp":                      strconv.FormatInt(q.attributes.Created.Unix(), 10),
	}
	out.Attributes = map[string]string{}
	for _, name := range in.AttributeNames {
		for known, value := range all {
			if name == "All" || name == known {
				out.Attributes[known] = value
			}
		}
	}
	return out, nil
}

// maxMessage is SQS's limit of a message, in bytes.
const maxMessage = 1 << 20

type sendInput struct {
	QueueURL          string `json:"QueueUrl"`
	MessageBody       string
	MessageAttributes map[string]Attribute
}

type sendOutput struct {
	MessageID              string `json:"MessageId"`
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
}

func (s *Service) sendMessage(_ context.Context, in sendInput) (out sendOutput, err error) {
	size := len(in.MessageBody)
	for name, a := range in.MessageAttributes {
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
		if a.DataType == "" {
			return out, invalid("The message attribute '%s' must contain a non-empty message attribute type.", name)
		}
	}
	switch {
	case in.MessageBody == "":
		return out, &refusal{"com.amazonaws.sqs#MissingParameter", "MissingParameter;Sender", "The request must contain the parameter MessageBody."}
	case size > maxMessage:
		return out, invalid("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxMessage)
	case !utf8.ValidString(in.MessageBody):
		return out, &refusal{"com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents;Sender", "Message body is not valid UTF-8."}
	}
	m, err := s.Send(Name(in.QueueURL), in.MessageBody, in.MessageAttributes)
	if err != nil {
		return out, fmt.Errorf("send a message: %w", err)
	}
	return sendOutput{m.ID, checksum([]byte(m.Body)), attributesChecksum(m.Attributes)}, nil
}
