package bus

import (
	"context"
	"strings"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// maxBuses is AWS's quota of buses.
const maxBuses = 100

type deadLetterConfig struct {
	ARN string `json:"Arn,omitempty"`
}

type busInput struct {
	Name             string
	EventSourceName  string
	Description      string
	KMSKeyIdentifier string `json:"KmsKeyIdentifier"`
	DeadLetterConfig *deadLetterConfig
	Tags             []tag
}

type busOutput struct {
	ARN              string            `json:"Arn,omitempty"`
	EventBusARN      string            `json:"EventBusArn,omitempty"`
	Name             string            `json:"Name,omitempty"`
	Description      string            `json:"Description,omitempty"`
	KMSKeyIdentifier string            `json:"KmsKeyIdentifier,omitempty"`
	DeadLetterConfig *deadLetterConfig `json:"DeadLetterConfig,omitempty"`
	CreationTime     *awsjson.Time     `json:"CreationTime,omitempty"`
	LastModifiedTime *awsjson.Time     `json:"LastModifiedTime,omitempty"`
}

func (s *Service) busARN(name string) string { return s.arn("event-bus/" + name) }

// busName returns the name in a bus's name or ARN; "" is the default bus.
func busName(nameOrARN string) string {
	if nameOrARN == "" {
		return defaultBus
	}
	if strings.HasPrefix(nameOrARN, "arn:") {
		if _, name, ok := strings.Cut(nameOrARN, ":event-bus/"); ok {
			return name
		}
	}
	return nameOrARN
}

func (in *busInput) check() error {
	var c checks
	c.required(in.Name, "name")
	c.length(in.Name, "name", 256)
	c.matches(in.Name, "name", busNames)
	c.length(in.Description, "description", 512)
	c.length(in.KMSKeyIdentifier, "kmsKeyIdentifier", 2048)
	if err := c.err(); err != nil {
		return err
	}
	return checkTags(in.Tags)
}

// createEventBus makes a custom bus. Partner buses belong to partners.
func (s *Service) createEventBus(_ context.Context, in busInput) (out busOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	if in.EventSourceName != "" || strings.HasPrefix(in.Name, "aws.partner/") {
		return out, failf("ResourceNotFoundException", "Event source %s does not exist.", in.EventSourceName)
	}
	if strings.Contains(in.Name, "/") {
		return out, invalid("Event bus name must not contain '/'.")
	}
	now := s.o.Now()
	b := &eventBus{
		Name: in.Name, Description: in.Description, KMSKey: in.KMSKeyIdentifier, DeadLetter: in.DeadLetterConfig.arn(),
		Created: now, Modified: now, Tags: tagMap(in.Tags),
	}
	err = s.registry.create(b, func(others map[string]*eventBus) error {
		if others[in.Name] != nil {
			return failf("ResourceAlreadyExistsException", "Event bus %s already exists.", in.Name)
		}
		if len(others) >= maxBuses {
			return tooMany()
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return busOutput{EventBusARN: s.busARN(b.Name), Description: b.Description, KMSKeyIdentifier: b.KMSKey, DeadLetterConfig: deadLetters(b.DeadLetter)}, nil
}

func (d *deadLetterConfig) arn() string {
	if d == nil {
		return ""
	}
	return d.ARN
}

func deadLetters(arn string) *deadLetterConfig {
	if arn == "" {
		return nil
	}
	return &deadLetterConfig{arn}
}

// updateEventBus replaces description, key and dead-letter queue.
func (s *Service) updateEventBus(_ context.Context, in busInput) (out busOutput, err error) {
	if in.Name == "" {
		in.Name = defaultBus
	}
	if err := in.check(); err != nil {
		return out, err
	}
	err = s.registry.change(in.Name, func(b *eventBus) error {
		b.Description, b.KMSKey, b.DeadLetter, b.Modified = in.Description, in.KMSKeyIdentifier, in.DeadLetterConfig.arn(), s.o.Now()
		return nil
	})
	if err != nil {
		return out, err
	}
	return busOutput{
		ARN: s.busARN(in.Name), Name: in.Name, Description: in.Description, KMSKeyIdentifier: in.KMSKeyIdentifier, DeadLetterConfig: deadLetters(in.DeadLetterConfig.arn()),
	}, nil
}

func (s *Service) describe(b *eventBus) busOutput {
	created, modified := awsjson.Time(b.Created), awsjson.Time(b.Modified)
	return busOutput{
		ARN: s.busARN(b.Name), Name: b.Name, Description: b.Description, KMSKeyIdentifier: b.KMSKey,
		DeadLetterConfig: deadLetters(b.DeadLetter), CreationTime: &created, LastModifiedTime: &modified,
	}
}

func (s *Service) describeEventBus(_ context.Context, in struct{ Name string }) (busOutput, error) {
	name := busName(in.Name)
	b := s.registry.get(name)
	if b == nil {
		return busOutput{}, noBus(name)
	}
	return s.describe(b), nil
}

type listBusesOutput struct {
	EventBuses []busOutput
	NextToken  string `json:"NextToken,omitempty"`
}

func (s *Service) listEventBuses(_ context.Context, in struct {
	NamePrefix, NextToken string
	Limit                 *int
},
) (out listBusesOutput, err error) {
	var c checks
	c.page(in.Limit, in.NextToken)
	if err := c.err(); err != nil {
		return out, err
	}
	out.EventBuses = []busOutput{}
	for _, b := range s.registry.all() {
		if strings.HasPrefix(b.Name, in.NamePrefix) {
			out.EventBuses = append(out.EventBuses, s.describe(b))
		}
	}
	out.EventBuses, out.NextToken, err = page(out.EventBuses, in.Limit, in.NextToken)
	return out, err
}

func (s *Service) deleteEventBus(_ context.Context, in struct{ Name string }) (nothing, error) {
	var c checks
	c.required(in.Name, "name")
	if err := c.err(); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.registry.remove(busName(in.Name), func(b *eventBus) error {
		if b.Name == defaultBus {
			return invalid("Cannot delete event bus default.")
		}
		if len(b.Rules) > 0 {
			return invalid("Event bus %s can't be deleted since it has rules.", b.Name)
		}
		return nil
	})
}
