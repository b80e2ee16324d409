// Package blobs keeps the layers and configurations of a registry on disk, by
// digest. It is the storage of the distribution registry (uploads that can be
// resumed, digests that are verified, blobs that are shared by repositories
// and linked by each that has them), on a driver for one machine's disk.
//
// A blob is there once its upload is committed: data is renamed into its
// place, then linked. A process that is killed in between leaves an upload
// that [Store.Sweep] removes, never a blob that is not whole.
//
// Removing waits for no push: blobs that a client was told are there, or has
// uploaded, and that no manifest names yet, are reserved for a while and
// survive [Store.Release].
package blobs
