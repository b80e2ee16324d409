package roles

import (
	"bufio"
	"fmt"
	"path"
	"strings"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// A Use is what the role of a function or a machine was asked for, and told.
type Use struct {
	Role             string // as a Grant's
	Action, Resource string
	Context          iam.Context
	Allowed          bool
	Times            int
}

// A Reason says why an action is allowed that was never asked for.
type Reason struct {
	// Role, Action and Resource say which; in each * stands for any text.
	Role, Action, Resource string
	Why                    string
	// AtTimes says that some runs do ask for it, as one of two is faster than
	// the other: it may be needed or not.
	AtTimes bool
}

// ReadReasons reads a line for each reason: the kind of role, its name, the
// action, the resource, and the rest of the line is why. A ~ before all that
// says that it is needed at times. Empty lines and those that begin with # say
// nothing.
func ReadReasons(text string) ([]Reason, error) {
	var reasons []Reason
	lines := bufio.NewScanner(strings.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		said, atTimes := strings.CutPrefix(line, "~")
		words := strings.Fields(said)
		if len(words) < 6 {
			return nil, fmt.Errorf("line %d: a role's kind and name, an action, a resource and a reason are wanted: %q", number, line)
		}
		reasons = append(reasons, Reason{Role: words[0] + " " + words[1], Action: words[2], Resource: words[3], Why: strings.Join(words[4:], " "), AtTimes: atTimes})
	}
	return reasons, lines.Err()
}

// explains says whether the reason is about a grant.
func (r Reason) explains(g Grant) bool {
	if !like(r.Action, g.Action) || !like(r.Role, g.Role) {
		return false
	}
	for _, resource := range g.Resources {
		if like(r.Resource, resource) {
			return true
		}
	}
	return false
}

// like compares with *, which here stands for / as well.
func like(pattern, text string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", ":"), strings.ReplaceAll(text, "/", ":"))
	return err == nil && ok
}

// A Proof is what a comparison of roles with their uses came to.
type Proof struct {
	Asked, Distinct int // uses, and different ones
	Grants, Seen    int // actions that statements allow, and those that were used
	Explained       int // the unused ones that have a reason
	Refused         []Use
	Unexplained     []Grant
	Needless        []Reason
	UsesOfUnknown   []Use // of roles that there are none of
}

// Prove compares what the roles allow with what was asked of them: whether
// everything was allowed, and everything allowed was asked for or has a reason.
func Prove(grants []Grant, uses []Use, reasons []Reason) Proof {
	p := Proof{Distinct: len(uses), Grants: len(grants)}
	byRole := make(map[string][]int)
	for i, grant := range grants {
		byRole[grant.Role] = append(byRole[grant.Role], i)
	}
	seen := make([]bool, len(grants))
	for _, use := range uses {
		p.Asked += use.Times
		of, known := byRole[use.Role]
		switch {
		case !use.Allowed:
			p.Refused = append(p.Refused, use)
		case !known:
			p.UsesOfUnknown = append(p.UsesOfUnknown, use)
		}
		for _, i := range of {
			if !seen[i] && grants[i].Covers(use.Action, use.Resource, use.Context) {
				seen[i] = true
				p.Seen++
			}
		}
	}
	needed := make([]bool, len(reasons))
	for i, grant := range grants {
		if seen[i] {
			continue
		}
		explained := false
		for j, reason := range reasons {
			if reason.explains(grant) {
				needed[j], explained = true, true
			}
		}
		if explained {
			p.Explained++
		} else {
			p.Unexplained = append(p.Unexplained, grant)
		}
	}
	for j, reason := range reasons {
		if !needed[j] && !reason.AtTimes {
			p.Needless = append(p.Needless, reason)
		}
	}
	return p
}

// Faults are what the proof fails for, one line each; none when it holds.
func (p Proof) Faults() []string {
	var lines []string
	for _, use := range p.Refused {
		lines = append(lines, fmt.Sprintf("refused: %s %s on %s", use.Role, use.Action, use.Resource))
	}
	for _, use := range p.UsesOfUnknown {
		lines = append(lines, fmt.Sprintf("has no role: %s, which asked for %s on %s", use.Role, use.Action, use.Resource))
	}
	for _, grant := range p.Unexplained {
		lines = append(lines, fmt.Sprintf("allowed, never asked for, and without a reason: %s", grant))
	}
	for _, reason := range p.Needless {
		lines = append(lines, fmt.Sprintf("a reason that is not needed any more: %s %s %s", reason.Role, reason.Action, reason.Resource))
	}
	return lines
}

// String says the counts, in one line.
func (p Proof) String() string {
	return fmt.Sprintf("%d calls recorded, %d distinct; %d actions allowed, %d seen, %d unused with a reason, %d unused without", p.Asked, p.Distinct, p.Grants, p.Seen, p.Explained, len(p.Unexplained))
}
