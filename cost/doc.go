// Package cost says what sandboxes cost: AWS's list prices as data, an estimate
// of each sandbox line by line from what was metered, what it will have cost at
// the end of the month, and what its going to sleep or its end saves.
//
// Amounts are exact: whole billionths of a US dollar ([USD]), computed from
// whole quantities and prices in 128 bits and rounded once for each line.
//
// An estimate is of list prices, and never less than what AWS asks for the same
// use: where CloudWatch does not tell what AWS bills by (who asked from where,
// what was in a cache), the dearer is taken, and the line says so. What AWS
// gives for free each month it gives to an account, not to a sandbox: lines name
// it and do not take it off, [Free] does for a whole installation.
package cost
