package awssdk

import "reflect"

// naming is whose spelling of members is meant.
type naming uint8

const (
	asJava naming = iota // AWS's SDK for Java, whose names the AWS SDK integrations have
	asAPI                // the API reference
)

// javaNames are members that AWS's SDK for Java calls otherwise than its rule
// says: words that the language keeps for itself, and one variant.
var javaNames = map[string]string{
	"NULL": "Nul", "Default": "DefaultValue", "Equals": "EqualsValue", "Import": "ImportValue", "Return": "ReturnValue",
}

// member returns what a field of a client's struct is called.
func (n naming) member(field string) string {
	if n == asAPI {
		return field
	}
	if other, ok := javaNames[field]; ok {
		return other
	}
	// The capitals in front are one word, and its first letter alone stays one:
	// ACL is Acl, DBName is DbName, ETag and WebACLId stay as they are.
	name := []byte(field)
	for i := 1; i < len(name) && isUpper(name[i]) && (i+1 == len(name) || !isLower(field[i+1])); i++ {
		name[i] += 'a' - 'A'
	}
	return string(name)
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// field finds a struct's field by what it is called.
func (n naming) field(t reflect.Type, name string) (int, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); isMember(f) && n.member(f.Name) == name {
			return i, true
		}
	}
	return 0, false
}

// isMember leaves out what the Go client has beside the model's members.
func isMember(f reflect.StructField) bool { return f.IsExported() && f.Name != "ResultMetadata" }

// variant finds a union's variant by what it is called.
func (n naming) variant(union reflect.Type, name string) (reflect.Type, bool) {
	for _, variant := range unions[union] {
		if n.member(n.bare(union, variant)) == name {
			return variant, true
		}
	}
	return nil, false
}

// bare is a variant's own name: S of AttributeValueMemberS.
func (naming) bare(union, variant reflect.Type) string {
	return variant.Name()[len(union.Name()+"Member"):]
}
