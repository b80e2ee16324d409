package inventory

import "github.com/mayfly-dev/mayfly/events"

// ReportPrefix is where the installation's upload bucket has the reports.
const ReportPrefix = "orphans/"

// LastKey is the object with the report of the last comparison that ended, and
// ReportKey the one with a run's.
const LastKey = ReportPrefix + "last.json"

// ReportKey returns the object with the report of a run.
func ReportKey(run string) string { return ReportPrefix + "run/" + run + ".json" }

// maxOrphans is how many differences a report names.
const maxOrphans = 5000

// Report returns the differences as the API tells them.
func (d *Differences) Report() events.OrphanReport {
	report := events.OrphanReport{Held: d.Held, Recorded: d.Recorded, Troubles: d.Troubles, Orphans: []events.Orphan{}}
	for i := range d.Findings {
		if i == maxOrphans {
			report.More = len(d.Findings) - maxOrphans
			break
		}
		report.Orphans = append(report.Orphans, d.Findings[i].Orphan)
	}
	return report
}

// Teardowns returns the flows that remove what is proven of at most limit
// sandboxes, in the order of findings, without those that skip names by their
// ids. A flow takes one thing of each kind; another of the same kind is left to
// a later run.
func (d *Differences) Teardowns(limit int, skip func(id string) bool) []events.Flow {
	flows, at := []events.Flow{}, make(map[string]int)
	for i := range d.Findings {
		f := &d.Findings[i]
		if !f.Proven || skip(f.SandboxID) {
			continue
		}
		n, ok := at[f.SandboxID]
		if !ok {
			if len(flows) == limit {
				continue
			}
			n, at[f.SandboxID] = len(flows), len(flows)
			flows = append(flows, events.Flow{Sandbox: events.Sandbox{ID: f.SandboxID}, Orphan: true})
		}
		if of := &flows[n].Sandbox; of.Name == "" { // uploads tell an id alone
			of.Name, of.Owner = f.Sandbox, f.Owner
		}
		join(&flows[n].Made, f.Made)
	}
	return flows
}

func join(made *events.Made, more events.Made) {
	if made.Bucket == nil {
		made.Bucket = more.Bucket
	}
	if made.OriginAccess == nil {
		made.OriginAccess = more.OriginAccess
	}
	if made.Distribution == nil {
		made.Distribution = more.Distribution
	}
	if made.Repository == nil {
		made.Repository = more.Repository
	}
}
