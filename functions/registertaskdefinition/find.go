package registertaskdefinition

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Definitions is how task definitions are read.
type Definitions interface {
	ecs.ListTaskDefinitionsAPIClient
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
}

// tagRelease is the tag with the id of the release that a revision is of.
const tagRelease = "mayfly:release"

// of returns the ARN of the revision that was made for a release, "" when
// there is none. It is one of the newest, after the one that the service runs.
func of(ctx context.Context, client Definitions, release, before string) (string, error) {
	family, revision, err := parse(before)
	if err != nil {
		return "", err
	}
	pages := ecs.NewListTaskDefinitionsPaginator(client, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, Sort: types.SortOrderDesc, Status: types.TaskDefinitionStatusActive,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list the revisions of task definition %s: %w", family, err)
		}
		for _, arn := range page.TaskDefinitionArns {
			name, n, err := parse(arn)
			if err != nil || name != family {
				continue
			}
			if n <= revision {
				return "", nil
			}
			found, err := describe(ctx, client, arn)
			if err != nil {
				return "", err
			}
			for _, tag := range found.Tags {
				if aws.ToString(tag.Key) == tagRelease && aws.ToString(tag.Value) == release {
					return arn, nil
				}
			}
		}
	}
	return "", nil
}

func describe(ctx context.Context, client Definitions, arn string) (*ecs.DescribeTaskDefinitionOutput, error) {
	out, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &arn, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err == nil && out.TaskDefinition == nil {
		err = errors.New("ECS tells nothing of it")
	}
	if err != nil {
		return nil, fmt.Errorf("describe task definition %s: %w", arn, err)
	}
	return out, nil
}

// parse returns the family and the revision of a task definition's ARN.
func parse(arn string) (family string, revision int, err error) {
	_, name, _ := strings.Cut(arn, "task-definition/")
	family, number, _ := strings.Cut(name, ":")
	if revision, err = strconv.Atoi(number); err != nil || family == "" {
		return "", 0, fmt.Errorf("%q is no ARN of a task definition", arn)
	}
	return family, revision, nil
}
