package edge

// matches says whether path fits a behavior's path pattern, in which * stands
// for any number of characters and ? for one; a slash at the pattern's
// beginning is optional. Time is proportional to the product of the lengths at
// worst.
func matches(pattern, path string) bool {
	if len(pattern) > 0 && pattern[0] == '/' {
		pattern = pattern[1:]
	}
	if len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	p, s := 0, 0
	star, mark := -1, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == path[s]):
			p++
			s++
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
