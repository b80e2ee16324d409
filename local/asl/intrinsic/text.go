package intrinsic

import (
	"crypto/md5"  //nolint:gosec // AWS offers it
	"crypto/sha1" //nolint:gosec // AWS offers it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// format replaces each {} by the next argument; \{ \} \' and \\ stand for the
// character itself. The template comes as it was written.
func format(_ *Env, args []any) (any, error) {
	template, err := asString(args, 0)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	rest := args[1:]
	for i := 0; i < len(template); i++ {
		switch c := template[i]; {
		case c == '\\':
			if i++; i == len(template) || strings.IndexByte(`'{}\`, template[i]) < 0 {
				return nil, failf("%v", errEscape)
			}
			b.WriteByte(template[i])
		case c == '{' && i+1 < len(template) && template[i+1] == '}':
			if i++; len(rest) == 0 {
				return nil, failf("there are more {} than arguments")
			}
			text, ok := natural(rest[0])
			if !ok {
				return nil, failf("argument %d is an array or an object", len(args)-len(rest)+1)
			}
			b.WriteString(text)
			rest = rest[1:]
		case c == '{' || c == '}':
			return nil, failf(`a single %c is written as \%c`, c, c)
		default:
			b.WriteByte(c)
		}
		if b.Len() > maxSize {
			return nil, failf("the result is over %d bytes", maxSize)
		}
	}
	if len(rest) > 0 {
		return nil, failf("there are fewer {} than arguments")
	}
	return b.String(), nil
}

func stringToJSON(_ *Env, args []any) (any, error) {
	text, err := asString(args, 0)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, failf("the string is no JSON: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, failf("the string has more than one JSON value")
	}
	return value, nil
}

func jsonToString(_ *Env, args []any) (any, error) { return encode(args[0]) }

func base64Encode(_ *Env, args []any) (any, error) {
	text, err := asText(args, 0)
	return base64.StdEncoding.EncodeToString([]byte(text)), err
}

func base64Decode(_ *Env, args []any) (any, error) {
	text, err := asText(args, 0)
	if err != nil {
		return nil, err
	}
	encoding := base64.StdEncoding
	if !strings.HasSuffix(text, "=") {
		encoding = base64.RawStdEncoding
	}
	decoded, err := encoding.DecodeString(text)
	if err != nil {
		return nil, failf("the string is no base64: %v", err)
	}
	return strings.ToValidUTF8(string(decoded), string(utf8.RuneError)), nil
}

func hash(_ *Env, args []any) (any, error) {
	text, ok := args[0].(string)
	if !ok {
		encoded, err := encode(args[0])
		if err != nil {
			return nil, err
		}
		text = encoded
	}
	if utf8.RuneCountInString(text) > MaxCharacters {
		return nil, failf("the data has more than %d characters", MaxCharacters)
	}
	algorithm, err := asString(args, 1)
	if err != nil {
		return nil, err
	}
	return Hash(text, algorithm)
}

// Hash returns the digest of text in lower case hexadecimal by MD5, SHA-1,
// SHA-256, SHA-384 or SHA-512. The error is an *Error for any other algorithm.
func Hash(text, algorithm string) (string, error) {
	data := []byte(text)
	var digest []byte
	switch algorithm {
	case "MD5":
		sum := md5.Sum(data) //nolint:gosec // AWS offers it
		digest = sum[:]
	case "SHA-1":
		sum := sha1.Sum(data) //nolint:gosec // AWS offers it
		digest = sum[:]
	case "SHA-256":
		sum := sha256.Sum256(data)
		digest = sum[:]
	case "SHA-384":
		sum := sha512.Sum384(data)
		digest = sum[:]
	case "SHA-512":
		sum := sha512.Sum512(data)
		digest = sum[:]
	default:
		return "", failf("the algorithm is none of MD5, SHA-1, SHA-256, SHA-384 and SHA-512")
	}
	return hex.EncodeToString(digest), nil
}

// stringSplit splits at every character of the second argument; what is empty
// between two of them is left out.
func stringSplit(_ *Env, args []any) (any, error) {
	text, err := asString(args, 0)
	if err != nil {
		return nil, err
	}
	splitter, err := asString(args, 1)
	if err != nil {
		return nil, err
	}
	ends := make(map[rune]bool)
	for _, r := range splitter {
		ends[r] = true
	}
	parts := []any{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return ends[r] }) {
		parts = append(parts, part)
	}
	return parts, nil
}
