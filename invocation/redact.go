package invocation

import "strings"

// maxCause is how much of an error's text is logged, in bytes.
const maxCause = 1024

// redact returns an error's text without what must not be logged: the query
// and the user of each URL, where presigned URLs have their signature and their
// token, and what follows the name of a credential.
func redact(text string) string {
	var out strings.Builder
	hide := false
	for text != "" && out.Len() < maxCause {
		end := strings.IndexAny(text, " \t\r\n\"'<>`,")
		if end < 0 {
			end = len(text)
		}
		kept, next := word(text[:end])
		between := strings.Trim(text[:end], ":=") == "" // nothing, or what is between a name and its value
		if hide && !between {
			kept, next = "(redacted)", announces(text[:end])
		}
		out.WriteString(kept)
		hide = next || hide && between
		if end < len(text) {
			out.WriteByte(text[end])
			end++
		}
		text = text[end:]
	}
	if text != "" {
		return out.String()[:maxCause] + "…"
	}
	return out.String()
}

// word redacts text without spaces and quotes, and says whether the word after
// it is a credential.
func word(text string) (kept string, next bool) {
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		rest, _, _ = strings.Cut(rest, "?")
		host, path, hasPath := strings.Cut(rest, "/")
		if at := strings.LastIndex(host, "@"); at >= 0 {
			host = host[at+1:]
		}
		if hasPath {
			host += "/" + path
		}
		return scheme + "://" + host, false
	}
	lower := strings.ToLower(text)
	for _, name := range []string{"signature=", "credential=", "security-token=", "token=", "password=", "secret="} {
		if strings.Contains(lower, name) {
			return "(redacted)", false
		}
	}
	return text, announces(text)
}

// announces reports whether a credential follows the word.
func announces(text string) bool {
	switch strings.ToLower(strings.TrimRight(text, ":=")) {
	case "bearer", "basic", "authorization", "x-amz-security-token", "password", "token", "aws4-hmac-sha256":
		return true
	}
	return false
}
