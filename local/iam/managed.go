package iam

// Administrator is the document of AWS's policy of that name: everything.
const Administrator = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// Managed returns the document of a policy that AWS manages, by its ARN. It
// knows those that a container registry's users meet.
func Managed(arn string) (document string, ok bool) {
	const prefix = "arn:aws:iam::aws:policy/"
	switch arn {
	case prefix + "AdministratorAccess":
		return Administrator, true
	case prefix + "AmazonEC2ContainerRegistryFullAccess":
		return allow(`"ecr:*"`), true
	case prefix + "AmazonEC2ContainerRegistryPowerUser":
		return allow(ecrRead + `,"ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:PutImage"`), true
	case prefix + "AmazonEC2ContainerRegistryReadOnly":
		return allow(ecrRead), true
	case prefix + "AmazonEC2ContainerRegistryPullOnly":
		return allow(`"ecr:GetAuthorizationToken","ecr:BatchImportUpstreamImage","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"`), true
	case prefix + "AmazonElasticContainerRegistryPublicFullAccess":
		return allow(`"ecr-public:*","sts:GetServiceBearerToken"`), true
	case prefix + "AmazonElasticContainerRegistryPublicPowerUser":
		return allow(ecrPublicRead + `,"ecr-public:InitiateLayerUpload","ecr-public:UploadLayerPart","ecr-public:CompleteLayerUpload","ecr-public:PutImage"`), true
	case prefix + "AmazonElasticContainerRegistryPublicReadOnly":
		return allow(ecrPublicRead), true
	}
	return "", false
}

const (
	ecrRead = `"ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:GetRepositoryPolicy",` +
		`"ecr:DescribeRepositories","ecr:ListImages","ecr:DescribeImages","ecr:BatchGetImage","ecr:GetLifecyclePolicy",` +
		`"ecr:GetLifecyclePolicyPreview","ecr:ListTagsForResource","ecr:DescribeImageScanFindings"`
	ecrPublicRead = `"ecr-public:GetAuthorizationToken","sts:GetServiceBearerToken","ecr-public:BatchCheckLayerAvailability",` +
		`"ecr-public:GetRepositoryPolicy","ecr-public:DescribeRepositories","ecr-public:DescribeRegistries","ecr-public:DescribeImages",` +
		`"ecr-public:DescribeImageTags","ecr-public:GetRepositoryCatalogData","ecr-public:GetRegistryCatalogData"`
)

func allow(actions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + actions + `],"Resource":"*"}]}`
}
