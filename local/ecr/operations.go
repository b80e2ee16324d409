package ecr

// privateOperations is ECR's API by the names that X-Amz-Target has.
func privateOperations() map[string]operation {
	return map[string]operation{
		"CreateRepository":              typed("CreateRepository", (*Service).createRepository),
		"DescribeRepositories":          typed("DescribeRepositories", (*Service).describeRepositories),
		"DeleteRepository":              typed("DeleteRepository", (*Service).deleteRepository),
		"GetAuthorizationToken":         typed("GetAuthorizationToken", (*Service).getAuthorizationToken),
		"ListImages":                    typed("ListImages", (*Service).listImages),
		"DescribeImages":                typed("DescribeImages", (*Service).describeImages),
		"BatchGetImage":                 typed("BatchGetImage", (*Service).batchGetImage),
		"PutImage":                      typed("PutImage", (*Service).putImage),
		"BatchDeleteImage":              typed("BatchDeleteImage", (*Service).batchDeleteImage),
		"GetDownloadUrlForLayer":        typed("GetDownloadUrlForLayer", (*Service).getDownloadURLForLayer),
		"PutImageTagMutability":         typed("PutImageTagMutability", (*Service).putImageTagMutability),
		"PutImageScanningConfiguration": typed("PutImageScanningConfiguration", (*Service).putImageScanningConfiguration),
		"BatchCheckLayerAvailability":   typed("BatchCheckLayerAvailability", (*Service).batchCheckLayerAvailability),
		"InitiateLayerUpload":           typed("InitiateLayerUpload", (*Service).initiateLayerUpload),
		"UploadLayerPart":               typed("UploadLayerPart", (*Service).uploadLayerPart),
		"CompleteLayerUpload":           typed("CompleteLayerUpload", (*Service).completeLayerUpload),
		"SetRepositoryPolicy":           typed("SetRepositoryPolicy", (*Service).setRepositoryPolicy),
		"GetRepositoryPolicy":           typed("GetRepositoryPolicy", (*Service).getRepositoryPolicy),
		"DeleteRepositoryPolicy":        typed("DeleteRepositoryPolicy", (*Service).deleteRepositoryPolicy),
		"TagResource":                   typed("TagResource", (*Service).tagResource),
		"UntagResource":                 typed("UntagResource", (*Service).untagResource),
		"ListTagsForResource":           typed("ListTagsForResource", (*Service).listTagsForResource),
	}
}

// publicOperations is ECR Public's API.
func publicOperations() map[string]operation {
	return map[string]operation{
		"CreateRepository":            typed("CreateRepository", (*Service).createRepository),
		"DescribeRepositories":        typed("DescribeRepositories", (*Service).describeRepositories),
		"DeleteRepository":            typed("DeleteRepository", (*Service).deleteRepository),
		"GetAuthorizationToken":       typed("GetAuthorizationToken", (*Service).getPublicAuthorizationToken),
		"DescribeImages":              typed("DescribeImages", (*Service).describeImages),
		"PutImage":                    typed("PutImage", (*Service).putImage),
		"BatchDeleteImage":            typed("BatchDeleteImage", (*Service).batchDeleteImage),
		"BatchCheckLayerAvailability": typed("BatchCheckLayerAvailability", (*Service).batchCheckLayerAvailability),
		"InitiateLayerUpload":         typed("InitiateLayerUpload", (*Service).initiateLayerUpload),
		"UploadLayerPart":             typed("UploadLayerPart", (*Service).uploadLayerPart),
		"CompleteLayerUpload":         typed("CompleteLayerUpload", (*Service).completeLayerUpload),
		"SetRepositoryPolicy":         typed("SetRepositoryPolicy", (*Service).setRepositoryPolicy),
		"GetRepositoryPolicy":         typed("GetRepositoryPolicy", (*Service).getRepositoryPolicy),
		"DeleteRepositoryPolicy":      typed("DeleteRepositoryPolicy", (*Service).deleteRepositoryPolicy),
		"TagResource":                 typed("TagResource", (*Service).tagResource),
		"UntagResource":               typed("UntagResource", (*Service).untagResource),
		"ListTagsForResource":         typed("ListTagsForResource", (*Service).listTagsForResource),
	}
}
