package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
)

// printCosts shows sandboxes, the dearest first.
func (a *app) printCosts(costs []events.Cost) error {
	slices.SortStableFunc(costs, func(x, y events.Cost) int { return cmp.Compare(usd(y.Amount), usd(x.Amount)) })
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "SANDBOX\tOWNER\tSO FAR\tAT MONTH'S END\tSAVED\tBILLED\tMETERED")
	unknown := false
	for i := range costs {
		c := &costs[i]
		one := sumOf(costs[i : i+1])
		metered := short(a.now().Sub(c.Until)) + " ago"
		if !c.Ended.IsZero() {
			metered = "gone since " + c.Ended.Local().Format("2 Jan 15:04")
		}
		if len(c.Unknown) > 0 {
			metered, unknown = metered+" *", true
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Sandbox, c.Owner, one.Amount.Short(), one.Forecast.Short(), one.Saved.Short(), one.billed(), metered)
	}
	a.totalLine(table, "in all\t", costs)
	if err := table.Flush(); err != nil {
		return err
	}
	if unknown {
		a.printf("\n* not all could be metered: mayfly cost NAME says what\n")
	}
	a.difference(costs)
	return nil
}

// printOwners shows owners, the dearest first.
func (a *app) printOwners(costs []events.Cost) error {
	of := make(map[string]*costSum)
	var owners []string
	for i := range costs {
		owner := costs[i].Owner
		if of[owner] == nil {
			of[owner] = &costSum{}
			owners = append(owners, owner)
		}
		of[owner].add(&costs[i])
	}
	slices.SortStableFunc(owners, func(x, y string) int { return cmp.Compare(of[y].Amount, of[x].Amount) })
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "OWNER\tSANDBOXES\tSO FAR\tAT MONTH'S END\tSAVED\tBILLED")
	for _, owner := range owners {
		s := of[owner]
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\n", owner, s.Sandboxes, s.Amount.Short(), s.Forecast.Short(), s.Saved.Short(), s.billed())
	}
	a.totalLine(table, fmt.Sprintf("in all\t%d", len(costs)), costs)
	if err := table.Flush(); err != nil {
		return err
	}
	a.difference(costs)
	return nil
}

// totalLine writes the sum of costs under the columns of a table that has two
// others first.
func (a *app) totalLine(table interface{ Write([]byte) (int, error) }, first string, costs []events.Cost) {
	sum := sumOf(costs)
	_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t\n", first, sum.Amount.Short(), sum.Forecast.Short(), sum.Saved.Short(), sum.billed())
}

// difference says how far the estimates are from AWS's bill.
func (a *app) difference(costs []events.Cost) {
	var told []events.Cost
	for i := range costs {
		if !costs[i].BilledAt.IsZero() {
			told = append(told, costs[i])
		}
	}
	if len(told) == 0 {
		return
	}
	sum := sumOf(told)
	more := sum.Amount.Plus(-sum.Billed)
	than := "more"
	if more < 0 {
		more, than = -more, "less"
	}
	a.printf("\nCost Explorer bills %s USD for %d of them, as it told %s ago (it is a day late); the estimates are %s USD %s.\n",
		sum.Billed.Short(), len(told), short(a.now().Sub(sum.Told)), more.Short(), than)
}

// printBills shows sandboxes line by line.
func (a *app) printBills(costs []events.Cost) error {
	for i := range costs {
		c := &costs[i]
		until := "metered " + short(a.now().Sub(c.Until)) + " ago"
		if !c.Ended.IsZero() {
			until = "gone since " + a.when(c.Ended)
		}
		a.printf("%s of %s, %s\n", c.Sandbox, c.Owner, until)
		table := newTable(a.out)
		_, _ = fmt.Fprintln(table, "WHAT\tHOW MUCH\tEACH\tFOR\tSO FAR\tAT MONTH'S END\tFREE FOR AN ACCOUNT")
		for _, l := range c.Lines {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Label, l.Quantity, l.Each, l.Unit, usd(l.Amount).Short(), usd(l.Forecast).Short(), l.Free)
		}
		_, _ = fmt.Fprintf(table, "in all\t\t\t\t%s\t%s\t\n", usd(c.Amount).Short(), usd(c.Forecast).Short())
		if err := table.Flush(); err != nil {
			return err
		}
		a.billNotes(c)
	}
	return nil
}

func (a *app) billNotes(c *events.Cost) {
	if saved := usd(c.Saved); saved > 0 {
		a.printf("Its end saves %s in this month.\n", saved.Short())
	}
	said := make(map[string]bool)
	for _, l := range c.Lines {
		if l.Note != "" && !said[l.Note] {
			said[l.Note] = true
			a.printf("  %s: %s\n", strings.ToLower(l.Label[:1])+l.Label[1:], l.Note)
		}
	}
	for _, why := range c.Unknown {
		a.printf("  not known: %s\n", why)
	}
	if !c.BilledAt.IsZero() {
		a.difference([]events.Cost{*c})
	}
}
