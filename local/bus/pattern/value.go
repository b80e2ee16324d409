package pattern

// value is a leaf of an event.
type value struct {
	kind kind
	// text is a string's content, or a number or literal as it is written.
	text []byte
	// number is in millionths, if known says that it can be compared.
	number int64
	known  bool
	// place is the innermost element of an array that the value's object is in.
	place place
}

// place is an element of an array, in the list of them; none is outside all.
type place int32

const none place = -1

// element is one place: an element of an array, within another place.
type element struct {
	array  int32
	number int32
	within place
}
