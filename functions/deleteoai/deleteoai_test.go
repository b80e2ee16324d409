package deleteoai_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/deleteoai"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestOnlyTheSandboxsIdentityOrControlIsDeleted(t *testing.T) {
	type clients struct {
		cloud *steptest.CloudFront
		store *steptest.Store
	}
	deletion := map[events.OriginAccess]string{
		events.OriginAccessIdentity: "DeleteCloudFrontOriginAccessIdentity", events.OriginAccessControl: "DeleteOriginAccessControl",
	}
	inUse := map[events.OriginAccess]string{
		events.OriginAccessIdentity: "CloudFrontOriginAccessIdentityInUse", events.OriginAccessControl: "OriginAccessControlInUse",
	}
	for _, kind := range []events.OriginAccess{events.OriginAccessIdentity, events.OriginAccessControl} {
		tests := []struct {
			name   string
			alter  func(clients)
			first  string
			second string
			stays  bool
		}{
			{name: "at the first try", alter: func(clients) {}},
			{name: "after the reply was lost", alter: func(c clients) { c.cloud.LoseReply(deletion[kind]) }, first: "NetworkError"},
			{name: "after the store's reply was lost", alter: func(c clients) { c.store.LoseReply("Update") }, first: "NetworkError"},
			{name: "with the ETag read again", alter: func(c clients) { c.cloud.Fail(deletion[kind], steptest.Refusal("PreconditionFailed")) }, first: "PreconditionFailed"},
			{name: "when it is gone already", alter: func(c clients) { clear(c.cloud.Identities); clear(c.cloud.Controls) }},
			{name: "not while a distribution names it", stays: true, first: inUse[kind], second: inUse[kind], alter: func(c clients) {
				c.cloud.Distributions["E1"] = &steptest.Distribution{Config: &types.DistributionConfig{Origins: &types.Origins{Items: []types.Origin{{
					S3OriginConfig:        &types.S3OriginConfig{OriginAccessIdentity: aws.String("origin-access-identity/cloudfront/X1")},
					OriginAccessControlId: aws.String("X1"),
				}}}}}
			}},
			{name: "not another's", stays: true, first: "NotOurs", second: "NotOurs", alter: func(c clients) {
				c.cloud.Identities["X1"].CallerReference = "another's"
				c.cloud.Controls["X1"].Config.Name = aws.String("another's")
			}},
		}
		for _, tt := range tests {
			t.Run(string(kind)+" "+tt.name, func(t *testing.T) {
				clock := &steptest.Clock{}
				of := steptest.New(clock.Now())
				line := map[events.OriginAccess]sandbox.Kind{events.OriginAccessIdentity: sandbox.KindOAI, events.OriginAccessControl: sandbox.KindOAC}[kind]
				of.Phase = sandbox.PhaseDeleting
				of.Resources = map[sandbox.Kind]sandbox.Resource{line: {Kind: line, ID: "X1", Status: sandbox.StatusMade}}
				c := clients{steptest.NewCloudFront(clock.Now, 0), steptest.NewStore(clock.Now, of)}
				c.cloud.Identities["X1"] = &steptest.Identity{ID: "X1", ETag: "T1", CallerReference: "mayfly-abcdefgh23-originAccessIdentity"}
				c.cloud.Controls["X1"] = &steptest.Control{ID: "X1", ETag: "T1", Config: types.OriginAccessControlConfig{Name: aws.String("mayfly-abcdefgh23-originAccessControl")}}
				tt.alter(c)
				flow := events.Flow{Sandbox: of.Event(), Made: events.Made{OriginAccess: &events.AccessHandle{Kind: kind, ID: "X1"}}}
				step := deleteoai.New(c.cloud, c.store.Ledger())
				_, err := step.Handle(t.Context(), flow)
				steptest.WantError(t, err, tt.first)
				_, err = step.Handle(t.Context(), flow)
				steptest.WantError(t, err, tt.second)
				_, identity := c.cloud.Identities["X1"]
				_, control := c.cloud.Controls["X1"]
				if there := kind == events.OriginAccessIdentity && identity || kind == events.OriginAccessControl && control; there != tt.stays {
					t.Errorf("there: %v", there)
				}
				if tt.stays {
					c.store.WantLine(t, "docs", line, sandbox.StatusMade, "X1")
				} else {
					c.store.WantLine(t, "docs", line, "", "")
				}
			})
		}
	}
}

func TestNothingMadeIsNothingToDelete(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	cloud := steptest.NewCloudFront(clock.Now, 0)
	_, err := deleteoai.New(cloud, steptest.NewStore(clock.Now).Ledger()).Handle(t.Context(), events.Flow{Sandbox: of.Event()})
	steptest.WantError(t, err, "")
	if len(cloud.Calls()) != 0 {
		t.Fatalf("called %v", cloud.Calls())
	}
}
