package createoai_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/createoai"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	oai = "CreateCloudFrontOriginAccessIdentity"
	oac = "CreateOriginAccessControl"
)

// crowd puts other sandboxes' identities and controls there, more than a page.
func crowd(cloud *steptest.CloudFront) {
	cloud.PageSize = 2
	for i := range 5 {
		id := fmt.Sprintf("A%d", i)
		cloud.Identities[id] = &steptest.Identity{ID: id, CallerReference: id, Comment: "mayfly docs abcdefgh23" + id}
		cloud.Controls[id] = &steptest.Control{ID: id, Config: types.OriginAccessControlConfig{Name: aws.String("mayfly-abcdefgh23-originAccessControl" + id)}}
	}
}

func TestOneIdentityOrControlIsMade(t *testing.T) {
	tests := []struct {
		name  string
		fault func(*steptest.CloudFront, *steptest.Store)
		first string // the name of the first run's error
	}{
		{"at the first try", func(*steptest.CloudFront, *steptest.Store) {}, ""},
		{"after CloudFront's reply was lost", func(c *steptest.CloudFront, _ *steptest.Store) { c.LoseReply(oai); c.LoseReply(oac) }, "NetworkError"},
		{"after the store's reply was lost", func(_ *steptest.CloudFront, s *steptest.Store) { s.LoseReply("Update") }, "NetworkError"},
		{"after throttling", func(c *steptest.CloudFront, _ *steptest.Store) {
			c.Fail(oai, steptest.Refusal("Throttling"))
			c.Fail(oac, steptest.Refusal("Throttling"))
		}, "Throttling"},
	}
	for _, kind := range []events.OriginAccess{events.OriginAccessIdentity, events.OriginAccessControl} {
		for _, tt := range tests {
			t.Run(string(kind)+" "+tt.name, func(t *testing.T) {
				clock := &steptest.Clock{}
				of := steptest.New(clock.Now())
				of.Spec.OriginAccess = kind
				store, cloud := steptest.NewStore(clock.Now, of), steptest.NewCloudFront(clock.Now, 0)
				crowd(cloud)
				tt.fault(cloud, store)
				step := createoai.New(cloud, store.Ledger())
				flow := events.Flow{Sandbox: of.Event()}
				_, err := step.Handle(t.Context(), flow)
				steptest.WantError(t, err, tt.first)
				got, err := step.Handle(t.Context(), flow)
				steptest.WantError(t, err, "")
				again, err := step.Handle(t.Context(), flow)
				steptest.WantError(t, err, "")
				if again != got || got.Kind != kind {
					t.Errorf("returned %+v, then %+v", got, again)
				}
				want, line := events.AccessHandle{Kind: kind}, sandbox.KindOAC
				if kind == events.OriginAccessIdentity {
					line = sandbox.KindOAI
					want.CanonicalUserID = "canonical-" + got.ID
					if made := cloud.Identities[got.ID]; len(cloud.Identities) != 6 || made.Comment != "mayfly docs abcdefgh23" || made.CallerReference != "mayfly-abcdefgh23-originAccessIdentity" {
						t.Errorf("%d identities; ours is %+v", len(cloud.Identities), made)
					}
				} else if made := cloud.Controls[got.ID].Config; len(cloud.Controls) != 6 || len(*made.Name) > 64 || made.SigningBehavior != "always" || made.SigningProtocol != "sigv4" || made.OriginAccessControlOriginType != "s3" {
					t.Errorf("%d controls; ours is %+v", len(cloud.Controls), made)
				}
				want.ID = got.ID
				if got != want {
					t.Errorf("returned %+v, want %+v", got, want)
				}
				store.WantLine(t, "docs", line, sandbox.StatusMade, got.ID)
			})
		}
	}
}

func TestAnIdentityWithAnotherContentIsLookedUpToTheEndOfTheList(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	store, cloud := steptest.NewStore(clock.Now, of), steptest.NewCloudFront(clock.Now, 0)
	crowd(cloud)
	cloud.Identities["Z"] = &steptest.Identity{ID: "Z", CallerReference: "mayfly-abcdefgh23-originAccessIdentity", Comment: "mayfly docs abcdefgh23"}
	cloud.Fail(oai, steptest.Refusal("CloudFrontOriginAccessIdentityAlreadyExists"))
	got, err := createoai.New(cloud, store.Ledger()).Handle(t.Context(), events.Flow{Sandbox: of.Event()})
	steptest.WantError(t, err, "")
	if got.ID != "Z" || cloud.Count("ListCloudFrontOriginAccessIdentities") != 3 {
		t.Fatalf("found %+v in %d pages", got, cloud.Count("ListCloudFrontOriginAccessIdentities"))
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	tests := []struct {
		code, operation, says string
		kind                  events.OriginAccess
	}{
		{"TooManyCloudFrontOriginAccessIdentities", oai, "quota (100 by default)", events.OriginAccessIdentity},
		{"TooManyOriginAccessControls", oac, "quota (100 by default)", events.OriginAccessControl},
		{"AccessDenied", oai, "sandbox docs", events.OriginAccessIdentity},
		// Already there, and not in the list: nothing to go on with.
		{"CloudFrontOriginAccessIdentityAlreadyExists", oai, "sandbox docs", events.OriginAccessIdentity},
		{"OriginAccessControlAlreadyExists", oac, "sandbox docs", events.OriginAccessControl},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			of.Spec.OriginAccess = tt.kind
			store, cloud := steptest.NewStore(clock.Now, of), steptest.NewCloudFront(clock.Now, 0)
			cloud.Fail(tt.operation, steptest.Refusal(tt.code))
			_, err := createoai.New(cloud, store.Ledger()).Handle(t.Context(), events.Flow{Sandbox: of.Event()})
			steptest.WantError(t, err, tt.code)
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v does not say %q", err, tt.says)
			}
		})
	}
}
