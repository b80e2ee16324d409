package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/events"
)

// The values that an empty field of a spec stands for.
const (
	DefaultIndexDocument = "index.html"
	DefaultPriceClass    = "PriceClass_100"
)

// Defaults returns spec with its empty fields filled in.
func Defaults(spec events.Spec) events.Spec {
	if spec.Delivery == "" {
		spec.Delivery = events.DeliveryCloudFront
		if spec.Deploy.Target.Service() {
			spec.Delivery = events.DeliveryNone
		}
	}
	if spec.OriginAccess == "" {
		spec.OriginAccess = events.OriginAccessIdentity
	}
	if spec.IndexDocument == "" {
		spec.IndexDocument = DefaultIndexDocument
	}
	if spec.PriceClass == "" {
		spec.PriceClass = DefaultPriceClass
	}
	spec = lifeDefaults(spec)
	spec.Repository = repositoryDefaults(spec.Repository)
	spec.Deploy = deployDefaults(spec)
	return spec
}

// CheckSpec returns a FieldErrors with every rule that spec, its defaults
// filled in, breaks; nil when there is none.
func CheckSpec(spec events.Spec) error {
	var broken FieldErrors
	wrong := func(field, value, rule string) {
		broken = append(broken, &FieldError{Field: field, Rule: rule, Value: value})
	}
	oneOf := func(field, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			wrong(field, value, "one of "+strings.Join(allowed, ", "))
		}
	}
	oneOf("delivery", string(spec.Delivery), string(events.DeliveryCloudFront), string(events.DeliveryWebsite), string(events.DeliveryNone))
	oneOf("originAccess", string(spec.OriginAccess), string(events.OriginAccessIdentity), string(events.OriginAccessControl))
	oneOf("priceClass", spec.PriceClass, "PriceClass_100", "PriceClass_200", "PriceClass_All")

	_, life := lifeOf(spec)
	broken = append(broken, life...)

	// The index document is the page of every folder, so it has no folder itself.
	if rule := brokenPath(spec.IndexDocument, 255); rule != "" || strings.Contains(spec.IndexDocument, "/") {
		wrong("indexDocument", spec.IndexDocument, "a file name of at most 255 bytes, without a slash")
	}
	if spec.ErrorDocument != "" {
		if rule := brokenPath(spec.ErrorDocument, 1023); rule != "" {
			wrong("errorDocument", spec.ErrorDocument, rule)
		}
	}
	if spec.SinglePageApp && spec.ErrorDocument != "" {
		wrong("errorDocument", spec.ErrorDocument, "empty for a single-page app, which shows its index document instead")
	}
	if spec.SinglePageApp && spec.Delivery == events.DeliveryWebsite {
		wrong("singlePageApp", "true", "false with delivery website, which can't answer 200 for what is not there")
	}
	if spec.WAF && spec.Delivery != events.DeliveryCloudFront {
		wrong("waf", "true", "false with delivery "+string(spec.Delivery)+": a web ACL stands before CloudFront alone")
	}
	oneOf("repository.visibility", string(spec.Repository.Visibility), string(events.VisibilityPrivate), string(events.VisibilityPublic), string(events.VisibilityNone))
	checkRepository(spec.Repository, wrong)
	if spec.Delivery == events.DeliveryNone && spec.Repository.Visibility == events.VisibilityNone {
		wrong("delivery", string(spec.Delivery), "cloudfront or website without a repository: nothing would be made")
	}
	oneOf("deploy.target", string(spec.Deploy.Target), string(events.TargetSite), string(events.TargetECS), string(events.TargetEKS), string(events.TargetLambda), string(events.TargetNone))
	checkDeploy(spec, wrong)
	return broken.orNil()
}

// brokenPath returns the rule that an object's path breaks, or "".
func brokenPath(path string, limit int) string {
	rule := fmt.Sprintf("a relative path of 1 to %d bytes without empty, . or .. parts and control characters", limit)
	if path == "" || len(path) > limit || !utf8.ValidString(path) {
		return rule
	}
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return rule
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return rule
		}
	}
	return ""
}

// SpecDigest returns the digest of a request for a sandbox, 64 hexadecimal
// digits. Two requests have the same digest when they ask for the same thing:
// a default that is written out and one that is left out are the same.
func SpecDigest(name, owner string, spec events.Spec, ttl time.Duration) string {
	request := struct {
		Name, Owner string
		Spec        events.Spec
		TTL         time.Duration
	}{name, owner, withoutDefaultLife(Defaults(spec)), ttl}
	text, err := json.Marshal(request)
	if err != nil {
		// Strings, booleans and numbers always have a JSON form.
		panic(fmt.Sprintf("digest of the request for %s: %v", name, err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
