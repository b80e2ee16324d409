package ecr

import "strings"

// encrypted checks an encryption configuration. A KMS key that is not named
// is the one that AWS manages for ECR.
func (s *Service) encrypted(e *encryption) (encryption, error) {
	switch {
	case e == nil:
		return encryption{Type: "AES256"}, nil
	case e.Type == "AES256" && e.KMSKey != "":
		return *e, invalid("encryptionConfiguration.kmsKey", "must not be given when encryptionType is AES256")
	case e.Type == "AES256":
	case e.Type != "KMS" && e.Type != "KMS_DSSE":
		return *e, invalid("encryptionConfiguration.encryptionType", "Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]")
	case e.KMSKey == "":
		return encryption{e.Type, "arn:aws:kms:" + s.o.Region + ":" + s.o.Account + ":alias/aws/ecr"}, nil
	case len(e.KMSKey) > 2048:
		return *e, invalid("encryptionConfiguration.kmsKey", "must have length between 1 and 2048")
	case !strings.HasPrefix(e.KMSKey, "arn:"):
		return encryption{e.Type, "arn:aws:kms:" + s.o.Region + ":" + s.o.Account + ":" + kmsResource(e.KMSKey)}, nil
	}
	return *e, nil
}

// kmsResource is a key's id or alias as an ARN ends.
func kmsResource(key string) string {
	if strings.HasPrefix(key, "alias/") || strings.HasPrefix(key, "key/") {
		return key
	}
	return "key/" + key
}
