package wafv2

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// webACL is a web ACL as it is kept. It never changes: a change makes another.
type webACL struct {
	ARN, ID, Name string
	LockToken     string
	Tags          map[string]string `json:",omitempty"`
	content
	// Document is all that a request said, to be shown again as it was.
	Document map[string]json.RawMessage
	// rates are those of its rate-based rules. They begin anew with a change of
	// the rules, and with the process.
	rates map[string]*rate
}

// prepare makes a web ACL ready to decide.
func (a *webACL) prepare() {
	a.Rules = slices.SortedFunc(slices.Values(a.Rules), func(x, y rule) int { return x.Priority - y.Priority })
	a.rates = map[string]*rate{}
	for _, r := range a.Rules {
		if r.Statement.RateBasedStatement != nil {
			a.rates[r.Name] = newRate(r.Statement.RateBasedStatement)
		}
	}
}

// identity is how requests name a web ACL.
type identity struct{ Name, Id, Scope, LockToken, ARN string } //nolint:revive // the API's name

// find returns the web ACL that a request names, by its ARN or by its name
// and id.
func (s *Service) find(of identity) (*webACL, error) {
	acls := *s.acls.Load()
	if of.ARN != "" {
		if a, ok := acls[of.ARN]; ok {
			return a, nil
		}
		return nil, nonexistent()
	}
	if err := checkScope(of.Scope); err != nil {
		return nil, err
	}
	if a, ok := acls[s.arn(of.Name, of.Id)]; ok {
		return a, nil
	}
	return nil, nonexistent()
}

// locked returns the web ACL that a change names, if the change has the newest
// lock token.
func (s *Service) locked(of identity) (*webACL, error) {
	of.ARN = ""
	a, err := s.find(of)
	switch {
	case err != nil:
		return nil, err
	case of.LockToken == "":
		return nil, invalid("LOCK_TOKEN", "", "The parameter is missing.")
	case of.LockToken != a.LockToken:
		return nil, refuse("WAFOptimisticLockException", "AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.")
	}
	return a, nil
}

func nonexistent() error {
	return refuse("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
}

func checkScope(scope string) error {
	switch scope {
	case "CLOUDFRONT":
		return nil
	case "REGIONAL":
		return invalid("SCOPE_VALUE", scope, "The local WAF has web ACLs for CLOUDFRONT alone.")
	}
	return invalid("SCOPE_VALUE", scope, "The scope is not valid.")
}

func (s *Service) arn(name, id string) string {
	return "arn:aws:wafv2:us-east-1:" + s.o.Account + ":global/webacl/" + name + "/" + id
}

// summary is what a list shows of a web ACL.
type summary struct {
	Name, Id, Description, LockToken, ARN string //nolint:revive // the API's name
}

func (a *webACL) summary() summary {
	return summary{a.Name, a.ID, a.text("Description"), a.LockToken, a.ARN}
}

// text is a member of the document that is a string.
func (a *webACL) text(member string) string {
	var text string
	if json.Unmarshal(a.Document[member], &text) != nil {
		return ""
	}
	return text
}

// written is what requests to make and to change a web ACL have in common.
type written struct {
	identity
	content
	Tags     []tag
	document map[string]json.RawMessage
}

// UnmarshalJSON keeps the whole document beside what is understood of it.
func (w *written) UnmarshalJSON(text []byte) error {
	var known struct {
		identity
		content
		Tags []tag
	}
	if err := json.Unmarshal(text, &known); err != nil {
		return err
	}
	w.identity, w.content, w.Tags = known.identity, known.content, known.Tags
	if err := json.Unmarshal(text, &w.document); err != nil {
		return err
	}
	for _, other := range []string{"Name", "Id", "Scope", "LockToken", "Tags"} {
		delete(w.document, other)
	}
	return nil
}

func (s *Service) createWebACL(ctx context.Context, in written) (any, error) {
	if err := checkScope(in.Scope); err != nil {
		return nil, err
	}
	if !names().MatchString(in.Name) {
		return nil, invalid("NAME", in.Name, "The parameter contains formatting that is not valid.")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	tags, err := merged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range *s.acls.Load() {
		if a.Name == in.Name {
			return nil, refuse("WAFDuplicateItemException", "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.")
		}
	}
	if len(*s.acls.Load()) >= s.o.Quota {
		return nil, refuse("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit: %d web ACLs.", s.o.Quota)
	}
	a := &webACL{Name: in.Name, Tags: tags, content: in.content, Document: in.document}
	if a.ID, err = s.newID(); err != nil {
		return nil, err
	}
	if a.LockToken, err = s.newID(); err != nil {
		return nil, err
	}
	a.ARN = s.arn(a.Name, a.ID)
	a.prepare()
	return map[string]any{"Summary": a.summary()}, s.keep(ctx, a)
}

func (s *Service) getWebACL(_ context.Context, in identity) (any, error) {
	a, err := s.find(in)
	if err != nil {
		return nil, err
	}
	shown := map[string]any{
		"Name": a.Name, "Id": a.ID, "ARN": a.ARN, "Capacity": a.capacity(), "ManagedByFirewallManager": false,
		"LabelNamespace": fmt.Sprintf("awswaf:%s:webacl:%s:", s.o.Account, a.Name),
	}
	for member, value := range a.Document {
		shown[member] = value
	}
	return map[string]any{"WebACL": shown, "LockToken": a.LockToken}, nil
}

func (s *Service) updateWebACL(ctx context.Context, in written) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.locked(in.identity)
	if err != nil {
		return nil, err
	}
	changed := *a
	changed.content, changed.Document = in.content, in.document
	changed.prepare()
	if changed.LockToken, err = s.newID(); err != nil {
		return nil, err
	}
	return map[string]string{"NextLockToken": changed.LockToken}, s.keep(ctx, &changed)
}

func (s *Service) deleteWebACL(ctx context.Context, in identity) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.locked(in)
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.remove(ctx, a)
}

// mostListed is AWS's limit of one page, and what it is without a limit.
const mostListed = 100

// listWebACLs lists a page in the order of names; a marker is the last name of
// the page before.
func (s *Service) listWebACLs(_ context.Context, in struct {
	Scope, NextMarker string
	Limit             int
}) (any, error) {
	if err := checkScope(in.Scope); err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = mostListed
	}
	if in.Limit < 1 || in.Limit > mostListed {
		return nil, invalid("LIMIT", fmt.Sprint(in.Limit), "The parameter value is not in its range: 1 to 100.")
	}
	all := slices.SortedFunc(maps.Values(*s.acls.Load()), func(a, b *webACL) int { return strings.Compare(a.Name, b.Name) })
	var out struct {
		NextMarker string `json:",omitempty"`
		WebACLs    []summary
	}
	out.WebACLs = []summary{}
	for _, a := range all {
		switch {
		case a.Name <= in.NextMarker:
		case len(out.WebACLs) == in.Limit:
			out.NextMarker = out.WebACLs[in.Limit-1].Name
			return out, nil
		default:
			out.WebACLs = append(out.WebACLs, a.summary())
		}
	}
	return out, nil
}
