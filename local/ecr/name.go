package ecr

import (
	"regexp"
	"strings"
)

const (
	namePattern = `(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*`
	tagPattern  = `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
)

var (
	nameRule   = regexp.MustCompile(`^` + namePattern + `$`)
	tagRule    = regexp.MustCompile(`^` + tagPattern + `$`)
	digestRule = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// publicHost begins the path of a public repository: the registry that is a
// host of its own on AWS is a folder here.
const publicHost = "public.ecr.aws/"

// checkName refuses the names that ECR refuses.
func checkName(v visibility, name string) error {
	if len(name) < 2 || len(name) > 256 || v == public && len(name) > 205 {
		return invalid("repositoryName", "must have length between 2 and 256")
	}
	if !nameRule.MatchString(name) {
		return invalid("repositoryName", "must satisfy regular expression '"+namePattern+"'")
	}
	if v == private && strings.HasPrefix(name+"/", publicHost) {
		return invalid("repositoryName", "must not begin with "+publicHost+", which is the public registry on one machine")
	}
	return nil
}

// path is a repository's name as container clients know it.
func (s *Service) path(r *repository) string {
	if r.visibility == public {
		return publicHost + s.o.PublicAlias + "/" + r.name
	}
	return r.name
}

// fromPath is the inverse of path.
func (s *Service) fromPath(path string) (visibility, string) {
	if name, ok := strings.CutPrefix(path, publicHost+s.o.PublicAlias+"/"); ok {
		return public, name
	}
	return private, path
}

// uri is what is pushed to and pulled from.
func (s *Service) uri(r *repository) string { return s.o.Host + "/" + s.path(r) }
