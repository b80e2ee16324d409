// Package distribution is what a sandbox's site is to CloudFront: the
// configuration that a spec asks for, how a change of spec alters one that is
// there, and what flows carry of it. It calls nothing.
package distribution
