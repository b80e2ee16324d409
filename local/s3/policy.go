package s3

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// largestPolicy is S3's limit for a bucket policy, in bytes.
const largestPolicy = 20 * 1024

func (s *Service) getPolicy(q *request) error {
	if q.record.Policy == "" {
		return known("NoSuchBucketPolicy").with("BucketName", q.bucket)
	}
	q.w.Header().Set("Content-Type", "application/json")
	q.w.Header().Set("Content-Length", strconv.Itoa(len(q.record.Policy)))
	q.w.WriteHeader(http.StatusOK)
	_, _ = q.w.Write([]byte(q.record.Policy))
	return nil
}

func (s *Service) putPolicy(q *request) error {
	body, err := q.read(1 << 20)
	if err != nil {
		return err
	}
	if len(body) > largestPolicy {
		return fail("PolicyTooLarge", "Policy exceeds the maximum allowed document size.")
	}
	text := string(body)
	policy, err := iam.Parse(text)
	if err != nil {
		return malformedPolicy(err.Error())
	}
	if err := s.checkPolicy(q.bucket, policy); err != nil {
		return err
	}
	if text, err = s.canonicalise(text, policy); err != nil {
		return err
	}
	err = s.registry.update(q.bucket, func(b *bucket) error {
		if b.block().BlockPublicPolicy && isPublic(policy) {
			return denied(q.who, "s3:PutBucketPolicy", resourceARN(q.bucket, ""), "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
		}
		b.Policy = text
		return nil
	})
	if err != nil {
		return err
	}
	return q.done(http.StatusNoContent)
}

func (s *Service) deletePolicy(q *request) error {
	if err := s.registry.update(q.bucket, func(b *bucket) error { b.Policy = ""; return nil }); err != nil {
		return err
	}
	return q.done(http.StatusNoContent)
}

func (s *Service) getPolicyStatus(q *request) error {
	if q.record.Policy == "" {
		return known("NoSuchBucketPolicy").with("BucketName", q.bucket)
	}
	return q.answer(http.StatusOK, struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
		IsPublic bool
	}{IsPublic: q.record.public})
}

func malformedPolicy(message string) *failure { return fail("MalformedPolicy", message) }

// checkPolicy applies S3's rules for the policy of a bucket.
func (s *Service) checkPolicy(name string, policy *iam.Policy) error {
	arn := resourceARN(name, "")
	for _, st := range policy.Statements {
		if st.Principals == nil && st.NotPrincipals == nil {
			return malformedPolicy("Missing required field Principal")
		}
		for _, principals := range []*iam.Principals{st.Principals, st.NotPrincipals} {
			if principals != nil && !s.knownPrincipals(principals) {
				return malformedPolicy("Invalid principal in policy")
			}
		}
		for _, action := range append(st.Actions, st.NotActions...) {
			if service, _, ok := strings.Cut(strings.ToLower(action), ":"); action != "*" && (!ok || service != "s3") {
				return malformedPolicy("Policy has invalid action")
			}
		}
		resources := append(st.Resources, st.NotResources...)
		if len(resources) == 0 {
			return malformedPolicy("Missing required field Resource")
		}
		whole, keys := false, false
		for _, resource := range resources {
			rest, ok := strings.CutPrefix(resource, arn)
			if !ok || (rest != "" && rest[0] != '/' && rest[0] != '*') {
				return malformedPolicy("Policy has invalid resource")
			}
			whole = whole || rest == "" || rest[0] == '*'
			keys = keys || rest != ""
		}
		if st.Actions != nil && st.Resources != nil && !applies(st.Actions, whole, keys) {
			return malformedPolicy("Action does not apply to any resource(s) in statement")
		}
	}
	return nil
}

// applies reports whether each action has a resource in its statement.
func applies(actions []string, whole, keys bool) bool {
	for _, action := range actions {
		_, name, _ := strings.Cut(strings.ToLower(action), ":")
		if strings.ContainsAny(name, "*?") || action == "*" {
			continue
		}
		if onKeys(name) && !keys || !onKeys(name) && !whole {
			return false
		}
	}
	return true
}

// onKeys reports whether an action, in lower case, is on objects.
func onKeys(action string) bool {
	switch action {
	case "abortmultipartupload", "listmultipartuploadparts", "restoreobject", "bypassgovernanceretention":
		return true
	}
	return strings.Contains(action, "object") && !strings.HasPrefix(action, "listbucket") && !strings.HasSuffix(action, "bucketobjectlockconfiguration")
}

// knownPrincipals reports whether S3 would find all principals.
func (s *Service) knownPrincipals(p *iam.Principals) bool {
	for _, name := range p.AWS {
		if !s.knownAWS(name) {
			return false
		}
	}
	for _, id := range p.CanonicalUser {
		if _, ok := s.oaiByCanonicalUser(id); !ok && id != OwnerID {
			return false
		}
	}
	for _, name := range p.Service {
		if !strings.HasSuffix(name, ".amazonaws.com") {
			return false
		}
	}
	return len(p.Federated) == 0
}

// knownAWS: an identity must exist. Accounts, users and roles cannot be looked
// up here, so their shape decides.
func (s *Service) knownAWS(name string) bool {
	if id, ok := strings.CutPrefix(name, oaiARN); ok {
		if s.options.Identities == nil {
			return false
		}
		_, exists := s.options.Identities.OriginAccessIdentity(id)
		return exists
	}
	if name == "*" || isAccount(name) {
		return true
	}
	parts := strings.SplitN(name, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] != "aws" || !isAccount(parts[4]) || strings.ContainsAny(parts[5], "*?") {
		return false
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	switch parts[2] {
	case "iam":
		return parts[5] == "root" || (kind == "user" || kind == "role") && rest != ""
	case "sts":
		return (kind == "assumed-role" || kind == "federated-user") && rest != ""
	}
	return false
}

func isAccount(name string) bool {
	return len(name) == 12 && strings.Trim(name, "0123456789") == ""
}

func (s *Service) oaiByCanonicalUser(id string) (string, bool) {
	if s.options.Identities == nil {
		return "", false
	}
	return s.options.Identities.OAIByCanonicalUser(id)
}

// canonicalise does what S3 does with a canonical user id of an origin access
// identity: the stored policy names the identity by its ARN. A policy without
// one is stored as it came.
func (s *Service) canonicalise(text string, policy *iam.Policy) (string, error) {
	found := false
	for _, st := range policy.Statements {
		for _, p := range []*iam.Principals{st.Principals, st.NotPrincipals} {
			found = found || p != nil && len(p.CanonicalUser) > 0
		}
	}
	if !found {
		return text, nil
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return "", malformedPolicy(err.Error())
	}
	statements, isList := document["Statement"].([]any)
	if !isList {
		statements = []any{document["Statement"]}
	}
	for _, one := range statements {
		statement, _ := one.(map[string]any)
		for _, element := range []string{"Principal", "NotPrincipal"} {
			if principal, ok := statement[element].(map[string]any); ok {
				s.renamePrincipals(principal)
			}
		}
	}
	rewritten, err := json.Marshal(document)
	return string(rewritten), err
}

func (s *Service) renamePrincipals(principal map[string]any) {
	list := func(value any) []any {
		if many, ok := value.([]any); ok {
			return many
		}
		if value == nil {
			return nil
		}
		return []any{value}
	}
	var others []any
	named := list(principal["AWS"])
	for _, id := range list(principal["CanonicalUser"]) {
		text, _ := id.(string)
		if oai, ok := s.oaiByCanonicalUser(text); ok {
			named = append(named, oaiARN+oai)
		} else {
			others = append(others, id)
		}
	}
	delete(principal, "CanonicalUser")
	if len(others) > 0 {
		principal["CanonicalUser"] = others
	}
	switch len(named) {
	case 0:
	case 1:
		principal["AWS"] = named[0]
	default:
		principal["AWS"] = named
	}
}

// fixedKeys are the condition keys that can make a grant to everybody private.
var fixedKeys = map[string]bool{
	"aws:sourcearn": true, "aws:sourceaccount": true, "aws:sourceowner": true, "aws:sourcevpc": true,
	"aws:sourcevpce": true, "aws:userid": true, "aws:principalorgid": true, "aws:principalarn": true,
	"aws:principalaccount": true, "aws:sourceorgid": true, "s3:dataaccesspointaccount": true,
	"s3:x-amz-server-side-encryption-aws-kms-key-id": true,
}

// isPublic reports whether a policy grants something to the public, by S3's
// meaning: to a principal that is not fixed, under no condition that holds it
// to fixed values.
func isPublic(policy *iam.Policy) bool {
	for _, st := range policy.Statements {
		if st.Effect != iam.EffectAllow || st.Principals == nil {
			continue
		}
		open := st.Principals.Any
		for _, name := range st.Principals.AWS {
			open = open || name == "*"
		}
		if open && !held(st.Conditions) {
			return true
		}
	}
	return false
}

func held(conditions []iam.Condition) bool {
	for _, c := range conditions {
		operator := strings.ToLower(c.Operator)
		if strings.Contains(operator, "not") || strings.HasSuffix(operator, "ifexists") || operator == "null" || len(c.Values) == 0 {
			continue
		}
		key, fixed := strings.ToLower(c.Key), true
		for _, value := range c.Values {
			switch {
			case key == "aws:sourceip":
				network, err := netip.ParsePrefix(value)
				// S3 takes networks wider than these for the public.
				fixed = fixed && (err != nil || network.Addr().Is4() && network.Bits() >= 8 || network.Addr().Is6() && network.Bits() >= 32)
			case fixedKeys[key]:
				fixed = fixed && !strings.ContainsAny(value, "*?$")
			default:
				fixed = false
			}
		}
		if fixed {
			return true
		}
	}
	return false
}
