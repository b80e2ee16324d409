package awserr

import (
	"errors"
	"strings"
)

// IsFault reports whether an error of that name is Mayfly's or its
// installation's own: a missing right, an expired key, a failure that nobody
// has named, a panic. No retry mends it and no user caused it, so a person
// must look.
func IsFault(name string) bool {
	switch name {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedException", "UnauthorizedAccess",
		"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
		"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationToken",
		"ValidationException", "InvalidArgument", "MalformedXML", Unclassified:
		return true
	}
	return strings.HasPrefix(name, "Runtime.")
}

// IsNamed reports whether err was named by Mayfly: it is part of the domain,
// its text is for the sandbox's owner, and it is in the sandbox's record.
func IsNamed(err error) bool {
	var named interface{ ErrorName() string }
	return errors.As(err, &named)
}
