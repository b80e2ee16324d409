package access

// Role is what a caller may do at most.
type Role string

// The roles. Everybody who is known has one of them; who is known and named
// nowhere is an owner.
const (
	// Admin may do everything.
	Admin Role = "admin"
	// Owner makes sandboxes in its own name, and sees and changes those alone.
	Owner Role = "owner"
	// Reader sees everything and changes nothing.
	Reader Role = "reader"
)

// Roles returns all roles but [Seat], which nobody is given.
func Roles() []Role { return []Role{Admin, Owner, Reader} }

// Identity is who asks.
type Identity struct {
	// Principal is the whole name, for the audit: an ARN with the session in
	// it, or a token's issuer and subject.
	Principal string
	// Name is the part of Principal that stays the same from one session to the
	// next: what sandboxes have as their owner.
	Name string
	Role Role
}

// UnknownError says that nobody knows who asks: a request without a valid
// signature or token.
type UnknownError struct {
	// Reason says what is missing or wrong.
	Reason string
	// Challenges are the schemes that would be taken, as they stand in the
	// header WWW-Authenticate.
	Challenges []string
}

func (e *UnknownError) Error() string { return e.Reason }
