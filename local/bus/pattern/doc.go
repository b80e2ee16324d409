// Package pattern is EventBridge's event pattern language: it compiles patterns
// and finds which of many match an event.
//
// [Compile] reads a pattern and refuses what EventBridge refuses, in its words.
// An [Index] holds many patterns: it files each under the rarest value that it
// requires, so that an event meets only the patterns that share that value with
// it, and not all. Neither changes once made; both may be used by any number of
// goroutines at once.
//
// The semantics are those of AWS's own matcher:
//
//   - Fields are compared by their names joined with dots, so {"a.b": 1} and
//     {"a": {"b": 1}} are the same.
//   - Only leaves have values: an object, and an empty array, is no value, so
//     that it neither exists nor is anything but something.
//   - An array stands for its elements, at any depth. Fields of objects in an
//     array have to come from the same element to match together.
//   - Numbers from -5e9 to 5e9 with at most six decimals are compared as
//     numbers, so 300 is 300.0 and 3e2; others as they are written.
//   - Strings that are IP addresses are compared as addresses.
//   - Of a field that a pattern names twice, the last one counts.
package pattern
