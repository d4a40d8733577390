"""Object storage: the part of S3 that a client needs to push the files of a build."""
