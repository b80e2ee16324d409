package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cost"
)

func (a *app) pricesCommand() *cobra.Command {
	region := "us-east-1"
	class := "PriceClass_100"
	cmd := &cobra.Command{
		Use:   "prices",
		Short: "Show the prices that estimates of cost go by, and how old they are",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			prices, err := cost.Listed()
			if err != nil {
				return err
			}
			return a.printPrices(prices, prices.Rates(region, class, a.now()))
		},
	}
	cmd.AddCommand(a.pricesRefreshCommand())
	cmd.Flags().StringVar(&region, "region", region, "the region")
	cmd.Flags().StringVar(&class, "price-class", class, "the price class of CloudFront")
	return cmd
}

func (a *app) printPrices(prices cost.Prices, rates cost.Rates) error {
	type row struct {
		Item cost.Item `json:"item"`
		What string    `json:"what"`
		Each string    `json:"each"`
		For  string    `json:"for"`
		Free string    `json:"free,omitempty"`
	}
	var rows []row
	for _, item := range cost.Items() {
		free, _ := rates.Free(item)
		rows = append(rows, row{item, item.Label(), rates.Each(item), item.Unit().Name, free.Text})
	}
	if a.json() {
		return a.printValue(map[string]any{"region": rates.Region, "priceClass": rates.PriceClass, "checked": prices.Checked.Format("2006-01-02"), "sources": prices.Sources, "prices": rows})
	}
	if old := prices.Old(a.now()); old != "" {
		_, _ = fmt.Fprintf(a.err, "warning: %s\n", old)
	}
	if rates.Assumed != "" {
		_, _ = fmt.Fprintf(a.err, "warning: %s\n", rates.Assumed)
	}
	a.printf("US dollars in %s, %s, checked on %s\n\n", rates.Region, rates.PriceClass, prices.Checked.Format("2 January 2006"))
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "WHAT\tEACH\tFOR\tFREE FOR AN ACCOUNT EACH MONTH")
	for _, r := range rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.What, r.Each, r.For, r.Free)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	a.printf("\n")
	for _, service := range slices.Sorted(maps.Keys(prices.Sources)) {
		a.printf("%s\n", prices.Sources[service])
	}
	return nil
}
