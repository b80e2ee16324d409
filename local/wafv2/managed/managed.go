// Package managed has rule groups of AWS's as far as the OWASP core rule set,
// run by Coraza at paranoia level 1, stands in for them: AWS publishes what its
// own rules are for, and not the rules. What AWS says in numbers (sizes, a
// missing User-Agent) is said here by the same numbers.
//
// Requests are inspected without their bodies: the sites of this cloud take
// none.
package managed

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
	"github.com/corazawaf/coraza/v3"
	"github.com/corazawaf/coraza/v3/types"
)

// The rule groups.
const (
	CommonRuleSet  = "AWSManagedRulesCommonRuleSet"
	KnownBadInputs = "AWSManagedRulesKnownBadInputsRuleSet"
)

// Capacity returns how many units of a web ACL's capacity a group takes on
// AWS, and whether there is such a group.
func Capacity(group string) (units int, known bool) {
	switch group {
	case CommonRuleSet:
		return 700, true
	case KnownBadInputs:
		return 200, true
	}
	return 0, false
}

// Rules are the groups, each made ready when it is first asked: that takes
// about a tenth of a second and some megabytes. The zero value is ready for use,
// by any goroutine.
type Rules struct{ common, badInputs group }

type group struct {
	once sync.Once
	waf  coraza.WAF
	err  error
}

// Inspect reports whether a rule of a group matches a request, and which: the
// id that the core rule set gives it. It returns an error for a group that is
// not known.
func (r *Rules) Inspect(name string, request *http.Request) (rule string, matches bool, err error) {
	var g *group
	var directives string
	switch name {
	case CommonRuleSet:
		g, directives = &r.common, common
	case KnownBadInputs:
		g, directives = &r.badInputs, badInputs
	default:
		return "", false, fmt.Errorf("there is no managed rule group %q here", name)
	}
	g.once.Do(func() {
		g.waf, g.err = coraza.NewWAF(coraza.NewWAFConfig().WithRootFS(coreruleset.FS).WithDirectives(setup + directives + evaluation))
	})
	if g.err != nil {
		return "", false, fmt.Errorf("read the rules of %s: %w", name, g.err)
	}
	return inspect(g.waf, request)
}

func inspect(waf coraza.WAF, request *http.Request) (rule string, matches bool, err error) {
	tx := waf.NewTransaction()
	defer func() {
		if failed := tx.Close(); err == nil && failed != nil {
			err = fmt.Errorf("end the inspection: %w", failed)
		}
	}()
	if address, port, err := net.SplitHostPort(request.RemoteAddr); err == nil {
		number, _ := strconv.Atoi(port) // 0 where there is none
		tx.ProcessConnection(address, number, "", 0)
	}
	tx.ProcessURI(request.URL.RequestURI(), request.Method, request.Proto)
	tx.AddRequestHeader("Host", request.Host)
	tx.SetServerName(request.Host)
	for name, values := range request.Header {
		for _, value := range values {
			tx.AddRequestHeader(name, value)
		}
	}
	decided := tx.ProcessRequestHeaders()
	if decided == nil {
		if decided, err = tx.ProcessRequestBody(); err != nil {
			return "", false, fmt.Errorf("inspect a request: %w", err)
		}
	}
	return culprit(tx), decided != nil, nil
}

// culprit is the first rule that found something bad: what decides is a sum.
func culprit(tx types.Transaction) string {
	for _, m := range tx.MatchedRules() {
		if s := m.Rule().Severity(); s >= types.RuleSeverityEmergency && s <= types.RuleSeverityWarning && m.Message() != "" {
			return strconv.Itoa(m.Rule().ID())
		}
	}
	return ""
}
