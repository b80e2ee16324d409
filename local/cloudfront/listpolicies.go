package cloudfront

import (
	"encoding/xml"
	"net/http"
	"time"
)

// policyKind is what the three kinds of managed policies differ in.
type policyKind[T any] struct {
	all     map[string]*T
	name    string // of the element: CachePolicy
	missing string // code
}

var (
	cacheKind    = policyKind[CachePolicyConfig]{cachePolicies, "CachePolicy", "NoSuchCachePolicy"}
	requestKind  = policyKind[OriginRequestPolicyConfig]{originRequestPolicies, "OriginRequestPolicy", "NoSuchOriginRequestPolicy"}
	responseKind = policyKind[ResponseHeadersPolicyConfig]{responseHeadersPolicies, "ResponseHeadersPolicy", "NoSuchResponseHeadersPolicy"}
)

// managedSince is shown as the time of the managed policies' last change.
var managedSince = time.Date(2021, 11, 2, 0, 0, 0, 0, time.UTC)

// managedETag is the ETag of every managed policy: they never change.
const managedETag = "E23ZP02F085DFQ"

// element is a policy in its element, whose children's names depend on the
// kind.
type element[T any] struct {
	kind   *policyKind[T]
	id     string
	config *T
}

func (e element[T]) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	for _, part := range []struct {
		name  string
		value any
	}{{"Id", e.id}, {"LastModifiedTime", managedSince}, {e.kind.name + "Config", e.config}} {
		if err := enc.EncodeElement(part.value, xml.StartElement{Name: xml.Name{Local: part.name}}); err != nil {
			return err
		}
	}
	return enc.EncodeToken(start.End())
}

// summary is a policy in a list.
type summary[T any] struct{ element[T] }

func (s summary[T]) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	start.Name.Local = s.kind.name + "Summary"
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	if err := enc.EncodeElement("managed", xml.StartElement{Name: xml.Name{Local: "Type"}}); err != nil {
		return err
	}
	if err := enc.EncodeElement(s.element, xml.StartElement{Name: xml.Name{Local: s.kind.name}}); err != nil {
		return err
	}
	return enc.EncodeToken(start.End())
}

func (k *policyKind[T]) list(c *call) (*answer, *Error) {
	all := sortedKeys(k.all)
	switch kind := c.query.Get("Type"); kind {
	case "", "managed":
	case "custom":
		all = nil
	default:
		return nil, refuse("InvalidArgument", "The parameter Type must be managed or custom, not %q.", kind)
	}
	p, err := c.paged(all)
	if err != nil {
		return nil, err
	}
	var items struct{ Policies []summary[T] }
	for _, id := range p.keys {
		items.Policies = append(items.Policies, summary[T]{element[T]{k, id, k.all[id]}})
	}
	return &answer{status: http.StatusOK, root: k.name + "List", body: struct {
		NextMarker string `xml:",omitempty"`
		MaxItems   int
		Quantity   int
		Items      struct{ Policies []summary[T] }
	}{p.next, p.maxItems, len(p.keys), items}}, nil
}

func (k *policyKind[T]) get(c *call, configOnly bool) (*answer, *Error) {
	config, ok := k.all[c.id]
	if !ok {
		return nil, refuse(k.missing, "The %s %s does not exist. The local CloudFront has AWS's managed policies alone.", k.name, c.id)
	}
	a := &answer{status: http.StatusOK, root: k.name, body: element[T]{k, c.id, config}, etag: managedETag}
	if configOnly {
		a.root, a.body = k.name+"Config", config
	}
	return a, nil
}

func (s *Service) listCachePolicies(c *call) (*answer, *Error)    { return cacheKind.list(c) }
func (s *Service) getCachePolicy(c *call) (*answer, *Error)       { return cacheKind.get(c, false) }
func (s *Service) getCachePolicyConfig(c *call) (*answer, *Error) { return cacheKind.get(c, true) }

func (s *Service) listOriginRequestPolicies(c *call) (*answer, *Error) { return requestKind.list(c) }
func (s *Service) getOriginRequestPolicy(c *call) (*answer, *Error)    { return requestKind.get(c, false) }
func (s *Service) getOriginRequestPolicyConfig(c *call) (*answer, *Error) {
	return requestKind.get(c, true)
}

func (s *Service) listResponseHeadersPolicies(c *call) (*answer, *Error) { return responseKind.list(c) }
func (s *Service) getResponseHeadersPolicy(c *call) (*answer, *Error) {
	return responseKind.get(c, false)
}
func (s *Service) getResponseHeadersPolicyConfig(c *call) (*answer, *Error) {
	return responseKind.get(c, true)
}
