// Package access decides who may do what: it makes an [Identity] with a [Role]
// of what an authorizer has proved of a caller (IAM's or a token's claims, see
// [Rules]), and [Decide] says how far a role goes on each of the API's routes.
// It proves nothing itself: signatures and tokens are checked before, by API
// Gateway on AWS and by package local/identity on one machine.
package access
