package roles

import "strings"

// Local says how the resources of the installation are called on one machine,
// where a stage has no part in their names.
type Local struct {
	// Prefix begins the names of functions and machines.
	Prefix string
	// UploadBucket and Table are the installation's, RepositoryPrefix is what its
	// repositories are under.
	UploadBucket, Table, RepositoryPrefix string
}

// Deployed returns the ARN that a resource on one machine has where the roles
// are from: that is the one which their policies name. Sites' buckets and what
// has an id of AWS's choosing are called the same.
func (l Local) Deployed(arn string) string {
	const (
		uploads      = "uploads-" + stack + "-" + Account + "-" + Region
		repositories = stack + "/"
		sandboxes    = stack + "-sandboxes"
	)
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return arn
	}
	service, rest := parts[2], &parts[5]
	switch service {
	case "s3":
		bucket, key, object := strings.Cut(*rest, "/")
		if bucket == l.UploadBucket {
			*rest = uploads
			if object {
				*rest += "/" + key
			}
		}
	case "dynamodb":
		if name, ok := strings.CutPrefix(*rest, "table/"+l.Table); ok && (name == "" || name[0] == '/') {
			*rest = "table/" + sandboxes + name
		}
	case "ecr", "ecr-public":
		if name, ok := strings.CutPrefix(*rest, "repository/"+l.RepositoryPrefix); ok {
			*rest = "repository/" + repositories + name
		}
	case "lambda", "states":
		kind, name, _ := strings.Cut(*rest, ":")
		if name, ok := strings.CutPrefix(name, l.Prefix); ok {
			*rest = kind + ":" + prefix + name
		}
	}
	return strings.Join(parts, ":")
}
