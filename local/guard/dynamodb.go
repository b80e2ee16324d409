package guard

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

var dynamodb = table{
	"GetItem":    ofTable("GetItem"),
	"PutItem":    ofTable("PutItem"),
	"UpdateItem": ofTable("UpdateItem"),
	"DeleteItem": ofTable("DeleteItem"),
	"Query":      ofTable("Query"),
	"Scan":       ofTable("Scan"),

	"BatchGetItem":   ofTables("BatchGetItem"),
	"BatchWriteItem": ofTables("BatchWriteItem"),

	// A transaction needs the rights of what is in it.
	"TransactWriteItems": transaction("TransactWriteItems"),
	"TransactGetItems":   transaction("TransactGetItems"),

	"CreateTable":        ofTable("CreateTable"),
	"DescribeTable":      ofTable("DescribeTable"),
	"UpdateTable":        ofTable("UpdateTable"),
	"DeleteTable":        ofTable("DeleteTable"),
	"DescribeTimeToLive": ofTable("DescribeTimeToLive"),
	"UpdateTimeToLive":   ofTable("UpdateTimeToLive"),
	"ListTables":         everywhere("dynamodb:ListTables"),
}

// tableARN is a table's, which a request may name by its ARN, too.
func tableARN(q *request, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return q.arn("dynamodb", "table/"+name)
}

// ofTable is for an action on a table, or on the index of it that is asked.
func ofTable(action string) row {
	return func(q *request) ([]Need, error) {
		var in struct{ TableName, IndexName string }
		if err := q.decode(&in); err != nil {
			return nil, err
		}
		resource := tableARN(q, in.TableName)
		if in.IndexName != "" {
			resource += "/index/" + in.IndexName
		}
		return one("dynamodb:"+action, resource)
	}
}

// ofTables is for an action on each table that is named.
func ofTables(action string) row {
	return func(q *request) ([]Need, error) {
		var in struct{ RequestItems map[string]any }
		if err := q.decode(&in); err != nil {
			return nil, err
		}
		var needs []Need
		for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
			needs = append(needs, Need{Action: "dynamodb:" + action, Resource: tableARN(q, name)})
		}
		return needs, nil
	}
}

// transacted are the actions of what stands in a transaction.
var transacted = map[string]string{
	"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
}

func transaction(operation string) row {
	return func(q *request) ([]Need, error) {
		var in struct {
			TransactItems []map[string]struct{ TableName string }
		}
		if err := q.decode(&in); err != nil {
			return nil, err
		}
		var needs []Need
		for _, item := range in.TransactItems {
			for kind, of := range item {
				action, ok := transacted[kind]
				if !ok {
					return nil, fmt.Errorf("%s has an item of the kind %q", operation, kind)
				}
				needs = append(needs, Need{
					Action: "dynamodb:" + action, Resource: tableARN(q, of.TableName),
					Context: map[string]string{"dynamodb:EnclosingOperation": operation},
				})
			}
		}
		return needs, nil
	}
}
