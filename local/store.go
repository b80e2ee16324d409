package local

import (
	"context"
	"time"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/local/dynamodb"
	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

// records are all that the installation keeps of its own.
type records interface {
	sandbox.Store
	class.Store
	cost.Store
	night.Store
}

// openStore opens the installation's records: a SQLite file, or the local
// DynamoDB table. It returns them as somebody's clients reach them: the table by
// requests of theirs, the file alike for everybody.
func (c *Cloud) openStore(ctx context.Context, folder *dataFolder, config Config, aws clients) (func(clients) records, error) {
	if config.Store == DynamoDB {
		if err := dynamo.CreateTable(ctx, aws.dynamodb, table); err != nil {
			return nil, err
		}
		if err := dynamo.EnableExpiry(ctx, aws.dynamodb, table); err != nil {
			return nil, err
		}
		return func(of clients) records { return dynamo.New(of.dynamodb, table, config.Now) }, nil
	}
	store, err := sqlite.Open(ctx, folder.sub("mayfly.db"), config.Now)
	if err != nil {
		return nil, err
	}
	c.onClose(store.Close)
	return func(clients) records { return store }, nil
}

// tables starts the local DynamoDB.
func (c *Cloud) tables(folder *dataFolder) (gateway.Service, error) {
	service, err := dynamodb.New(dynamodb.Options{Dir: folder.sub("dynamodb"), Now: time.Now, Region: Region, Account: Account})
	if err != nil {
		return gateway.Service{}, err
	}
	c.onClose(service.Close)
	return gateway.Service{Handler: service, Operation: dynamodb.Operation}, nil
}
