// Package iam reads IAM policy documents and evaluates them: the language of
// bucket policies, role policies and trust policies. It knows no service: the
// caller states who asks, for which action, on which resource, in which
// context, and gets Allow, Deny or ImplicitDeny.
//
// The rules are AWS's: an explicit deny wins over every allow, and what no
// statement allows is denied. Actions and condition keys are compared without
// regard to case, resources with it. Policy variables are expanded in
// documents of version 2012-10-17 only.
package iam
