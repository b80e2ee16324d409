package local

import (
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
)

// TestServicesElsewhere: what has an address can be deployed to, and nothing
// else.
func TestServicesElsewhere(t *testing.T) {
	specs := map[string]events.DeploySpec{
		"ecs":    {Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "c", Service: "s"}},
		"eks":    {Target: events.TargetEKS, EKS: &events.EKSTarget{Cluster: "c"}},
		"lambda": {Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "f"}},
	}
	const address = "http://127.0.0.1:5000"
	for _, tt := range []struct {
		of   Foreign
		may  []string
		told []string
	}{
		{Foreign{}, nil, nil},
		{Foreign{EKS: address}, []string{"eks"}, []string{"AWS_ENDPOINT_URL_EKS=" + address}},
		{Foreign{ECS: address, EKS: address, Lambda: address}, []string{"ecs", "eks", "lambda"},
			[]string{"AWS_ENDPOINT_URL_ECS=" + address, "AWS_ENDPOINT_URL_EKS=" + address, "AWS_ENDPOINT_URL_LAMBDA=" + address}},
	} {
		targets, err := tt.of.targets()
		if err != nil || tt.of.check() != nil {
			t.Fatalf("%+v: %v, %v", tt.of, err, tt.of.check())
		}
		for name, spec := range specs {
			if err := targets.Check(spec); (err == nil) != slices.Contains(tt.may, name) {
				t.Errorf("%+v: %s: %v", tt.of, name, err)
			}
		}
		if told := tt.of.environment(); !slices.Equal(told, tt.told) {
			t.Errorf("%+v: functions are told %v", tt.of, told)
		}
	}
	for _, wrong := range []string{"127.0.0.1:5000", "ftp://127.0.0.1", "http://", "http://\x7f"} {
		if err := (Foreign{EKS: wrong}).check(); err == nil || !strings.Contains(err.Error(), "--eks-endpoint") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
