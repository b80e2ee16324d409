package kubernetes_test

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestHowFarARolloutIs(t *testing.T) {
	status := func(observed int64, all, updated, available int32) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			d.Status = appsv1.DeploymentStatus{ObservedGeneration: observed, Replicas: all, UpdatedReplicas: updated, AvailableReplicas: available}
		}
	}
	both := func(changes ...func(*appsv1.Deployment)) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			for _, change := range changes {
				change(d)
			}
		}
	}
	replicas := func(n int32) func(*appsv1.Deployment) { return func(d *appsv1.Deployment) { d.Spec.Replicas = &n } }
	pause := func(d *appsv1.Deployment) { d.Spec.Paused = true }
	condition := func(kind appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			d.Status.Conditions = append(d.Status.Conditions, appsv1.DeploymentCondition{Type: kind, Status: status, Reason: reason, Message: message})
		}
	}
	late := condition(appsv1.DeploymentProgressing, corev1.ConditionFalse, "ProgressDeadlineExceeded", `ReplicaSet "web-2" has timed out progressing.`)
	for _, tt := range []struct {
		name   string
		change func(*appsv1.Deployment)
		done   bool
		text   string
		want   string
	}{
		{"not noticed", status(2, 3, 3, 3), false, "not taken note", ""},
		{"not noticed, and the one before was late", both(status(2, 3, 3, 3), late), false, "not taken note", ""},
		{"begun", status(3, 4, 1, 3), false, "1 of 3 replicas updated, 3 available, 3 old ones left", ""},
		{"updated, and not available", status(3, 3, 3, 2), false, "3 of 3 replicas updated, 2 available", ""},
		{"updated, and old ones left", status(3, 4, 3, 4), false, "1 old ones left", ""},
		{"done", status(3, 3, 3, 3), true, "3 of 3 replicas updated, 3 available", ""},
		{"done with none", both(status(4, 0, 0, 0), replicas(0)), true, "0 of 0", ""},
		{"done with one by default", both(status(4, 1, 1, 1), func(d *appsv1.Deployment) { d.Spec.Replicas = nil }), true, "1 of 1", ""},
		{"paused when done", both(status(4, 3, 3, 3), pause), true, "", ""},
		{"paused", both(status(4, 4, 1, 3), pause), false, "paused it when 1 of 3", "DeploymentPaused"},
		{"late", both(status(3, 4, 1, 3), late), false, `ReplicaSet "web-2" has timed out progressing. (ProgressDeadlineExceeded)`, "RolloutFailed"},
		{"late for a quota", both(status(3, 3, 0, 3), late, condition(appsv1.DeploymentReplicaFailure, corev1.ConditionTrue, "FailedCreate", "exceeded quota: pods")),
			false, "exceeded quota: pods (FailedCreate)", "RolloutFailed"},
		{"a quota, and not late", both(status(3, 3, 0, 3), condition(appsv1.DeploymentReplicaFailure, corev1.ConditionTrue, "FailedCreate", "exceeded quota: pods")), false, "0 of 3", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clustertest.New(t)
			connected := connect(t, c)
			_, err := connected.Bring(t.Context(), web, "r-1", one)
			steptest.WantError(t, err, "")
			c.Change(tt.change)
			s, err := connected.Get(t.Context(), web)
			steptest.WantError(t, err, "")
			got, err := s.Rollout()
			steptest.WantError(t, err, tt.want)
			text := got.Text
			if err != nil {
				text = err.Error()
			}
			if got.Done != tt.done || !strings.Contains(text, tt.text) {
				t.Errorf("done %v: %s", got.Done, text)
			}
		})
	}
}

func TestTheRevisionIsTheClustersOwn(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	_, err := connected.Bring(t.Context(), web, "r-1", one)
	steptest.WantError(t, err, "")
	c.RollOut()
	s, err := connected.Get(t.Context(), web)
	if steptest.WantError(t, err, ""); s.Revision() != "2" {
		t.Errorf("is at revision %q", s.Revision())
	}
}
