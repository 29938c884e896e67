// Package train runs the loop of a training: epochs over batches, a step on
// each, validation in between, hooks, and a clean end. What a step computes is
// the caller's; the loop reads back its loss, some steps behind, so that it
// never makes the device wait, and fails when it is not a number.
//
// Progress bars and curves stay apart, in packages progress and curves: the
// loop prints nothing and knows no file.
package train
