package clustertest

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// RollOut ends the rollout well: every replica runs what the Deployment says.
func (c *Cluster) RollOut() {
	c.Change(func(d *appsv1.Deployment) {
		take(d)
		want := *d.Spec.Replicas
		d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.AvailableReplicas, d.Status.ReadyReplicas = want, want, want, want
		d.Status.Conditions = []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", Message: "ReplicaSet \"web-1\" has successfully progressed."},
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable"},
		}
	})
}

// Begin lets a rollout begin: one replica is new, and not available.
func (c *Cluster) Begin() {
	c.Change(func(d *appsv1.Deployment) {
		take(d)
		want := *d.Spec.Replicas
		d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.AvailableReplicas = want+1, 1, want
		d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "ReplicaSetUpdated"}}
	})
}

// Stick ends the rollout badly: its new replica never became available.
func (c *Cluster) Stick() {
	c.Begin()
	c.Change(func(d *appsv1.Deployment) {
		d.Status.Conditions = []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionFalse, Reason: "MinimumReplicasUnavailable", Message: "Deployment does not have minimum availability."},
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ProgressDeadlineExceeded", Message: "ReplicaSet \"web-2\" has timed out progressing."},
		}
	})
}

// take notes the change of the spec as the deployment controller does.
func take(d *appsv1.Deployment) {
	if d.Status.ObservedGeneration < d.Generation {
		d.Status.ObservedGeneration = d.Generation
		if d.Annotations == nil {
			d.Annotations = map[string]string{}
		}
		d.Annotations["deployment.kubernetes.io/revision"] = strconv.FormatInt(d.Generation, 10)
	}
}
