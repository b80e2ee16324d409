package sandbox_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestDefaultsFillWhatIsEmpty(t *testing.T) {
	scan, skip := true, false
	want := events.Spec{
		Delivery: events.DeliveryCloudFront, OriginAccess: events.OriginAccessIdentity, IndexDocument: "index.html", PriceClass: "PriceClass_100",
		Repository: events.RepositorySpec{Visibility: events.VisibilityPrivate, ScanOnPush: &scan, KeepImages: 50, KeepUntaggedDays: 7},
		Deploy:     events.DeploySpec{Target: events.TargetSite},
		IdleTime:   "24h", WarnBefore: "24h", SleepFor: "7d",
	}
	if diff := cmp.Diff(want, sandbox.Defaults(events.Spec{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	chosen := events.Spec{
		Delivery: events.DeliveryWebsite, OriginAccess: events.OriginAccessControl, IndexDocument: "home.htm",
		ErrorDocument: "errors/404.html", PriceClass: "PriceClass_All",
		Repository: events.RepositorySpec{
			Visibility: events.VisibilityPrivate, ImmutableTags: true, MutableTags: []string{"latest"}, KMSKey: "alias/aws/ecr",
			ScanOnPush: &skip, KeepImages: 5, KeepUntaggedDays: 1, Pushers: []string{"111122223333"}, Pullers: []string{"444455556666"},
		},
		Deploy:   events.DeploySpec{Target: events.TargetNone, Tags: []string{"v*"}},
		IdleTime: "never", WarnBefore: "1h30m", SleepFor: "30d",
	}
	if diff := cmp.Diff(chosen, sandbox.Defaults(chosen)); diff != "" {
		t.Errorf("what was chosen: -want +got\n%s", diff)
	}
	public := events.Spec{Repository: events.RepositorySpec{Visibility: events.VisibilityPublic}}
	for name, chosen := range map[string]events.Spec{
		"a public repository": public,
		"no repository":       {Repository: events.RepositorySpec{Visibility: events.VisibilityNone}},
		"a repository alone":  {Delivery: events.DeliveryNone},
	} {
		spec := sandbox.Defaults(chosen)
		if spec.Deploy.Target != events.TargetNone || sandbox.CheckSpec(spec) != nil {
			t.Errorf("%s: %+v, %v", name, spec.Deploy, sandbox.CheckSpec(spec))
		}
	}
	if diff := cmp.Diff(public.Repository, sandbox.Defaults(public).Repository); diff != "" {
		t.Errorf("a public repository has what only private ones have: -want +got\n%s", diff)
	}
	for _, spec := range []events.Spec{want, chosen} {
		if err := sandbox.CheckSpec(spec); err != nil {
			t.Errorf("%+v: %v", spec, err)
		}
	}
}

func TestCheckSpecNamesEachBrokenField(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*events.Spec)
		fields []string
	}{
		{"nothing wrong", func(*events.Spec) {}, nil},
		{"a single-page app", func(s *events.Spec) { s.SinglePageApp = true }, nil},
		{"another delivery", func(s *events.Spec) { s.Delivery = "ftp" }, []string{"delivery"}},
		{"another origin access", func(s *events.Spec) { s.OriginAccess = "OAI" }, []string{"originAccess"}},
		{"another price class", func(s *events.Spec) { s.PriceClass = "100" }, []string{"priceClass"}},
		{"an index page in a folder", func(s *events.Spec) { s.IndexDocument = "a/index.html" }, []string{"indexDocument"}},
		{"an index page above", func(s *events.Spec) { s.IndexDocument = ".." }, []string{"indexDocument"}},
		{"a long index page", func(s *events.Spec) { s.IndexDocument = strings.Repeat("a", 256) }, []string{"indexDocument"}},
		{"an error page above", func(s *events.Spec) { s.ErrorDocument = "../404.html" }, []string{"errorDocument"}},
		{"an absolute error page", func(s *events.Spec) { s.ErrorDocument = "/404.html" }, []string{"errorDocument"}},
		{"an error page with a newline", func(s *events.Spec) { s.ErrorDocument = "404\n.html" }, []string{"errorDocument"}},
		{"an error page that is not UTF-8", func(s *events.Spec) { s.ErrorDocument = "\xff.html" }, []string{"errorDocument"}},
		{"an error page that nobody would see", func(s *events.Spec) { s.SinglePageApp, s.ErrorDocument = true, "404.html" }, []string{"errorDocument"}},
		{"a single-page app on a website", func(s *events.Spec) { s.SinglePageApp, s.Delivery = true, events.DeliveryWebsite }, []string{"singlePageApp"}},
		{"WAF before a website", func(s *events.Spec) { s.WAF, s.Delivery = true, events.DeliveryWebsite }, []string{"waf"}},
		{"WAF before CloudFront", func(s *events.Spec) { s.WAF = true }, nil},
		{"a repository without a site", func(s *events.Spec) { s.Delivery, s.Deploy.Target = events.DeliveryNone, events.TargetNone }, nil},
		{"neither site nor repository", func(s *events.Spec) {
			s.Delivery, s.Repository, s.Deploy.Target = events.DeliveryNone, events.RepositorySpec{Visibility: events.VisibilityNone}, events.TargetNone
		}, []string{"delivery"}},
		{"a deploy to no site", func(s *events.Spec) { s.Delivery = events.DeliveryNone }, []string{"deploy.target"}},
		{"a deploy from a public repository", func(s *events.Spec) { s.Repository = events.RepositorySpec{Visibility: events.VisibilityPublic} }, []string{"deploy.target"}},
		{"another target", func(s *events.Spec) { s.Deploy.Target = "moon" }, []string{"deploy.target"}},
		{"wrong tag rules", func(s *events.Spec) { s.Deploy.Tags = []string{"a b", "v*", "^"} }, []string{"deploy.tags", "deploy.tags"}},
		{"another visibility", func(s *events.Spec) {
			s.Repository = events.RepositorySpec{Visibility: "secret"}
			s.Deploy.Target = events.TargetNone
		}, []string{"repository.visibility"}},
		{"all that only a private repository has", func(s *events.Spec) {
			s.Repository.Visibility, s.Repository.ImmutableTags, s.Repository.MutableTags = events.VisibilityPublic, true, []string{"latest"}
			s.Repository.KMSKey, s.Repository.Pullers, s.Deploy.Target = "alias/k", []string{"111122223333"}, events.TargetNone
		}, []string{
			"repository.immutableTags", "repository.mutableTags", "repository.kmsKey", "repository.scanOnPush",
			"repository.keepImages", "repository.keepUntaggedDays", "repository.pullers",
		}},
		{"pushers without a repository", func(s *events.Spec) {
			s.Repository, s.Deploy.Target = events.RepositorySpec{Visibility: events.VisibilityNone, Pushers: []string{"111122223333"}}, events.TargetNone
		}, []string{"repository.pushers"}},
		{"pushers of a public repository", func(s *events.Spec) {
			s.Repository, s.Deploy.Target = events.RepositorySpec{Visibility: events.VisibilityPublic, Pushers: []string{"111122223333"}}, events.TargetNone
		}, nil},
		{"people who are none", func(s *events.Spec) {
			s.Repository.Pushers, s.Repository.Pullers = []string{"bob"}, []string{"arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:root"}
		}, []string{"repository.pushers", "repository.pullers"}},
		{"21 people", func(s *events.Spec) { s.Repository.Pushers = slices.Repeat([]string{"111122223333"}, 21) }, []string{"repository.pushers"}},
		{"mutable tags where all are", func(s *events.Spec) { s.Repository.MutableTags = []string{"latest"} }, []string{"repository.mutableTags"}},
		{"five mutable tags", func(s *events.Spec) {
			s.Repository.ImmutableTags, s.Repository.MutableTags = true, []string{"a", "b", "c", "d", "e"}
		}, []string{"repository.mutableTags"}},
		{"a mutable tag that ECR refuses", func(s *events.Spec) {
			s.Repository.ImmutableTags, s.Repository.MutableTags = true, []string{"a*b*c*", "x y"}
		}, []string{"repository.mutableTags", "repository.mutableTags"}},
		{"keys of every form", func(s *events.Spec) {
			s.Repository.KMSKey = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"
		}, nil},
		{"a key by its id", func(s *events.Spec) { s.Repository.KMSKey = "12345678-1234-1234-1234-123456789012" }, nil},
		{"what is no key", func(s *events.Spec) { s.Repository.KMSKey = "my key" }, []string{"repository.kmsKey"}},
		{"no image kept", func(s *events.Spec) { s.Repository.KeepImages, s.Repository.KeepUntaggedDays = -1, 1001 },
			[]string{"repository.keepImages", "repository.keepUntaggedDays"}},
		{"all at once", func(s *events.Spec) { *s = events.Spec{ErrorDocument: "/"} },
			[]string{"delivery", "originAccess", "priceClass", "indexDocument", "errorDocument", "repository.visibility", "deploy.target"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := sandbox.Defaults(events.Spec{})
			c.change(&spec)
			err := sandbox.CheckSpec(spec)
			var all sandbox.FieldErrors
			if err != nil && !errors.As(err, &all) {
				t.Fatalf("got %T, want FieldErrors", err)
			}
			var fields []string
			for _, one := range all {
				fields = append(fields, one.Field)
				if !strings.Contains(err.Error(), one.Rule) {
					t.Errorf("the message %q does not say %q", err, one.Rule)
				}
			}
			if diff := cmp.Diff(c.fields, fields); diff != "" {
				t.Errorf("fields: -want +got\n%s", diff)
			}
			var one *sandbox.FieldError
			if (err != nil) != errors.As(err, &one) {
				t.Error("a single FieldError is not found in it")
			}
		})
	}
}

func TestSpecDigestIsOfWhatIsAskedFor(t *testing.T) {
	same := sandbox.SpecDigest("site", "ann", events.Spec{}, time.Hour)
	if len(same) != 64 {
		t.Errorf("digest %q", same)
	}
	if got := sandbox.SpecDigest("site", "ann", sandbox.Defaults(events.Spec{}), time.Hour); got != same {
		t.Error("a default that is written out changes the digest")
	}
	seen := map[string]string{same: "the first"}
	for name, digest := range map[string]string{
		"another name":  sandbox.SpecDigest("site2", "ann", events.Spec{}, time.Hour),
		"another owner": sandbox.SpecDigest("site", "bob", events.Spec{}, time.Hour),
		"another spec":  sandbox.SpecDigest("site", "ann", events.Spec{SinglePageApp: true}, time.Hour),
		"another ttl":   sandbox.SpecDigest("site", "ann", events.Spec{}, 0),
		"moved letters": sandbox.SpecDigest("sitea", "nn", events.Spec{}, time.Hour),
	} {
		if other := seen[digest]; other != "" {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[digest] = name
	}
}

func TestParseTTL(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "never": 0, "5m": 5 * time.Minute, "90m": 90 * time.Minute, "36h": 36 * time.Hour, "1h30m": 90 * time.Minute,
		"1d": 24 * time.Hour, "365d": sandbox.MaxTTL, "8760h": sandbox.MaxTTL,
	} {
		if got, err := sandbox.ParseTTL(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "0s", "4m59s", "366d", "8760h1s", "-1h", "-3d", "1", "d", "1.5d", "1d12h", "ten", " 1h", "99999999999999999999d", "Never"} {
		got, err := sandbox.ParseTTL(text)
		var field *sandbox.FieldError
		if !errors.As(err, &field) || field.Field != "ttl" || field.Value != text || got != 0 {
			t.Errorf("%q: got %v, %v; want a FieldError of ttl", text, got, err)
		}
	}
}
