package clustertest

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

const revision = "deployment.kubernetes.io/revision"

// RollOut ends the rollout well: every replica runs what the Deployment says.
func (c *Cluster) RollOut() {
	c.notice()
	c.Change(func(d *appsv1.Deployment) {
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
	c.notice()
	c.Change(func(d *appsv1.Deployment) {
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

// notice takes note of a change as the deployment controller does: it counts a
// revision, which is a change of the annotations, and says which generation it
// has seen.
func (c *Cluster) notice() {
	c.Change(func(d *appsv1.Deployment) {
		if d.Status.ObservedGeneration == d.Generation {
			return
		}
		counted, _ := strconv.Atoi(d.Annotations[revision]) // none yet is the zeroth
		if d.Annotations == nil {
			d.Annotations = map[string]string{}
		}
		d.Annotations[revision] = strconv.Itoa(counted + 1)
	})
	c.Change(func(d *appsv1.Deployment) { d.Status.ObservedGeneration = d.Generation })
}
