package registertaskdefinition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// with returns what registers a revision like one that is there, with an image
// in a container and the release's tag; everything else stays.
func with(like *ecs.DescribeTaskDefinitionOutput, r *sandbox.Release, container, image string) (*ecs.RegisterTaskDefinitionInput, error) {
	d := like.TaskDefinition
	containers := slices.Clone(d.ContainerDefinitions)
	i, err := choose(containers, r, container)
	if err != nil {
		return nil, err
	}
	containers[i].Image = &image
	return &ecs.RegisterTaskDefinitionInput{
		Family: d.Family, ContainerDefinitions: containers, Tags: tags(like.Tags, r),
		Cpu: d.Cpu, Memory: d.Memory, NetworkMode: d.NetworkMode, IpcMode: d.IpcMode, PidMode: d.PidMode,
		TaskRoleArn: d.TaskRoleArn, ExecutionRoleArn: d.ExecutionRoleArn,
		Volumes: d.Volumes, EphemeralStorage: d.EphemeralStorage, PlacementConstraints: d.PlacementConstraints,
		RequiresCompatibilities: d.RequiresCompatibilities, RuntimePlatform: d.RuntimePlatform,
		ProxyConfiguration: d.ProxyConfiguration, EnableFaultInjection: d.EnableFaultInjection,
	}, nil
}

// choose returns the index of the container whose image is replaced: the one
// with a name or, without a name, the only one.
func choose(containers []types.ContainerDefinition, r *sandbox.Release, name string) (int, error) {
	names := make([]string, len(containers))
	for i := range containers {
		names[i] = aws.ToString(containers[i].Name)
	}
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	if name == "" && len(names) == 1 {
		return 0, nil
	}
	why := fmt.Sprintf("its task definition has no container %q, but %s", name, strings.Join(names, ", "))
	if name == "" {
		why = "its task definition has several containers; name one of " + strings.Join(names, ", ")
	}
	return 0, &sandbox.TargetError{Destination: r.Destination(), Why: why}
}

// tags returns the tags of a revision that is made like one with the tags
// given: all but AWS's own, which nobody else may set, and the release's.
func tags(given []types.Tag, r *sandbox.Release) []types.Tag {
	kept := slices.DeleteFunc(slices.Clone(given), func(tag types.Tag) bool {
		key := aws.ToString(tag.Key)
		return key == tagRelease || strings.HasPrefix(strings.ToLower(key), "aws:")
	})
	return append(kept, types.Tag{Key: aws.String(tagRelease), Value: aws.String(r.ID)})
}
