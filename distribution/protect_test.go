package distribution_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
)

func TestProtect(t *testing.T) {
	const (
		acl   = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/mayfly-dev/"
		ours  = acl + "2"
		old   = acl + "1"
		other = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/mayfly-dev2/2"
	)
	tests := []struct {
		name                string
		there, wanted, used string
		want                string
		changed             bool
		err                 string
	}{
		{"puts it before a distribution", "", ours, "", ours, true, ""},
		{"leaves it there", ours, ours, ours, ours, false, ""},
		{"replaces one that was made before", old, ours, old, ours, true, ""},
		{"does not replace another's", other, ours, "", other, false, "ForeignWebACL"},
		{"takes it off", ours, "", ours, "", true, ""},
		{"takes off one that was made before", old, "", ours, "", true, ""},
		{"takes off what is off", "", "", ours, "", false, ""},
		{"leaves another's", other, "", ours, other, false, ""},
		{"leaves another's where there never was one", other, "", "", other, false, ""},
		{"leaves what is no ARN", "classic-id", "", ours, "classic-id", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := distribution.Config(site())
			config.WebACLId = aws.String(tt.there)
			var in events.Flow
			if tt.wanted != "" {
				in.Sandbox.Spec.WAF, in.WebACL = true, &events.WebACL{ARN: tt.wanted}
			}
			if tt.used != "" {
				in.Made.WebACL = &events.WebACL{ARN: tt.used}
			}
			changed, err := distribution.Protect(config, "E1", in)
			if changed != tt.changed || *config.WebACLId != tt.want || (err != nil) != (tt.err != "") || err != nil && awserr.Name(err) != tt.err {
				t.Errorf("changed: %v, to %q, %v", changed, *config.WebACLId, err)
			}
		})
	}
	in := events.Flow{Sandbox: events.Sandbox{Spec: events.Spec{WAF: true}}}
	var foreign *distribution.ForeignWebACLError
	if _, err := distribution.Protect(distribution.Config(site()), "E1", in); err == nil || errors.As(err, &foreign) {
		t.Errorf("without a web ACL in the flow: %v", err)
	}
}
