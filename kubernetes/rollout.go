package kubernetes

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Rollout is how far a Deployment's rollout is.
type Rollout struct {
	// Done says that every replica runs what the Deployment says, and is
	// available.
	Done bool
	// Text is one line for a person: "2 of 3 replicas updated, 1 available".
	Text string
}

// Rollout judges as `kubectl rollout status` does. It returns a *Refusal named
// RolloutFailed, with the cluster's reasons, when the rollout is past its
// progressDeadlineSeconds, and one named DeploymentPaused when it is paused.
func (s *State) Rollout() (Rollout, error) {
	status := s.read.Status
	if status.ObservedGeneration < s.read.Generation {
		return Rollout{Text: "the cluster has not taken note of the change yet"}, nil
	}
	if progressing := s.condition(appsv1.DeploymentProgressing); progressing.Reason == "ProgressDeadlineExceeded" {
		return Rollout{}, s.refuse(RolloutFailed, s.reasons())
	}
	want := int32(1)
	if s.read.Spec.Replicas != nil {
		want = *s.read.Spec.Replicas
	}
	text := fmt.Sprintf("%d of %d replicas updated, %d available", status.UpdatedReplicas, want, status.AvailableReplicas)
	if old := status.Replicas - status.UpdatedReplicas; old > 0 {
		text += fmt.Sprintf(", %d old ones left", old)
	}
	done := status.UpdatedReplicas >= want && status.Replicas <= status.UpdatedReplicas && status.AvailableReplicas >= status.UpdatedReplicas
	if !done && s.read.Spec.Paused {
		return Rollout{}, s.refuse(DeploymentPaused, "somebody paused it when "+text)
	}
	return Rollout{Done: done, Text: text}, nil
}

func (s *State) condition(kind appsv1.DeploymentConditionType) appsv1.DeploymentCondition {
	for _, one := range s.read.Status.Conditions {
		if one.Type == kind {
			return one
		}
	}
	return appsv1.DeploymentCondition{}
}

// reasons are what the cluster says about a rollout that got stuck.
func (s *State) reasons() string {
	var all []string
	add := func(kind appsv1.DeploymentConditionType, bad corev1.ConditionStatus) {
		if one := s.condition(kind); one.Status == bad {
			all = append(all, fmt.Sprintf("%s (%s)", one.Message, one.Reason))
		}
	}
	add(appsv1.DeploymentProgressing, corev1.ConditionFalse)
	add(appsv1.DeploymentReplicaFailure, corev1.ConditionTrue)
	add(appsv1.DeploymentAvailable, corev1.ConditionFalse)
	return clean(strings.Join(all, "; "))
}
