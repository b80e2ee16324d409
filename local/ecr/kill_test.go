package ecr_test

// victimDir, in the environment, makes this binary a process that is killed.
const victimDir = "MAYFLY_ECR_TEST_VICTIM"

func victim(string) {}
