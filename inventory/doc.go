// Package inventory compares what an account holds with what an installation's
// records say. It looks at the account by itself, by names, comments, caller
// references and tags, and takes nothing from the records but to compare.
//
// What is in the account and in no record is an orphan. It is proven to be the
// installation's only if all of these hold:
//
//   - every mark that it bears names the same sandbox, in the form that Mayfly
//     gives it;
//   - the installation itself once made a sandbox with that id and name: its
//     record or its audit says so. Ids are random, so that no other
//     installation has the same;
//   - it was made, or last changed, while that sandbox was there, as far as
//     AWS tells;
//   - of a bucket: no distribution of anybody else's has it as its origin.
//
// Nothing else is ever torn down. Package account reads an account of AWS.
package inventory
