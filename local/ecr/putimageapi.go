package ecr

type putImageInput struct {
	target
	Manifest  string `json:"imageManifest"`
	MediaType string `json:"imageManifestMediaType"`
	Tag       string `json:"imageTag"`
	Digest    string `json:"imageDigest"`
}

type putImageOutput struct {
	Image imageView `json:"image"`
}

func (s *Service) putImage(c *call, in putImageInput) (putImageOutput, error) {
	if in.Digest != "" && !digestRule.MatchString(in.Digest) {
		return putImageOutput{}, invalid("imageDigest", "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'")
	}
	done, err := s.put(c, push{registry: c.registry, name: in.RepositoryName, mediaType: in.MediaType, body: []byte(in.Manifest), id: imageID{in.Digest, in.Tag}})
	if err != nil {
		return putImageOutput{}, err
	}
	if done.known {
		return putImageOutput{}, refuse("ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'", done.digest, in.Tag, in.RepositoryName, s.o.Account)
	}
	return putImageOutput{imageView{s.o.Account, in.RepositoryName, imageID{done.digest, in.Tag}, in.Manifest, done.mediaType}}, nil
}
