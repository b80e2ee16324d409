package guard

// ecr adds what some requests to ECR need besides the action that ECR itself
// asks for: the right to tag what is made with tags, and the rights on the key
// that a repository is encrypted with, which ECR uses in its caller's name.
func ecr(service string) table {
	return table{"CreateRepository": func(q *request) ([]Need, error) {
		var in struct {
			RepositoryName          string `json:"repositoryName"`
			Tags                    []any  `json:"tags"`
			EncryptionConfiguration struct {
				Type string `json:"encryptionType"`
				Key  string `json:"kmsKey"`
			} `json:"encryptionConfiguration"`
		}
		if err := q.decode(&in); err != nil {
			return nil, err
		}
		var needs []Need
		if len(in.Tags) > 0 {
			resource := q.arn(service, "repository/"+in.RepositoryName)
			if service == "ecr-public" { // which has no region
				resource = "arn:aws:ecr-public::" + q.account + ":repository/" + in.RepositoryName
			}
			needs = append(needs, Need{Action: service + ":TagResource", Resource: resource})
		}
		if key := in.EncryptionConfiguration.Key; key != "" {
			via := map[string]string{"kms:ViaService": "ecr." + q.region + ".amazonaws.com"}
			for _, action := range []string{"kms:CreateGrant", "kms:DescribeKey"} {
				needs = append(needs, Need{Action: action, Resource: key, Context: via})
			}
		}
		return needs, nil
	}}
}
