package local

import (
	"github.com/mayfly-dev/mayfly/local/bus"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/sqs"
)

// bus starts the queues and EventBridge, which takes events from then on; it
// delivers them once Step Functions is there, too.
func (c *Cloud) bus(folder *dataFolder, config Config, aws clients, functions *lambda.Service) (*sqs.Service, error) {
	queues, err := sqs.New(sqs.Options{Dir: folder.sub("queues"), URL: c.AWSURL, Account: Account, Region: Region, NoSync: config.NoSync})
	if err != nil {
		return nil, err
	}
	c.onClose(queues.Close)
	c.events, err = bus.New(bus.Options{
		Dir: folder.sub("events"), Account: Account, Region: Region, NoSync: config.NoSync, Logger: config.Logger,
		Targets:     targets{states: aws.states, functions: functions, queues: queues},
		DeadLetters: deadLetters{queues},
	})
	if err != nil {
		return nil, err
	}
	c.onClose(c.events.Close)
	return queues, nil
}
