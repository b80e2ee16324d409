package imagetest

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// Cache is an image.Cache in memory. Its zero value is ready.
type Cache struct {
	// Fail is asked before each call, by "Open" or "Keep".
	Fail func(call string) error

	mu        sync.Mutex
	documents map[string][]byte
}

// Open implements image.Cache.
func (c *Cache) Open(_ context.Context, layer string) (io.ReadCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Fail != nil {
		if err := c.Fail("Open"); err != nil {
			return nil, err
		}
	}
	document, ok := c.documents[layer]
	if !ok {
		return nil, nil
	}
	return io.NopCloser(bytes.NewReader(document)), nil
}

// Keep implements image.Cache.
func (c *Cache) Keep(_ context.Context, layer string, document []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Fail != nil {
		if err := c.Fail("Keep"); err != nil {
			return err
		}
	}
	if c.documents == nil {
		c.documents = make(map[string][]byte)
	}
	c.documents[layer] = document
	return nil
}

// Layers returns how many layers have a document.
func (c *Cache) Layers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.documents)
}

// Change replaces a layer's document.
func (c *Cache) Change(layer string, change func([]byte) []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.documents[layer] = change(bytes.Clone(c.documents[layer]))
}

// Forget removes a layer's document.
func (c *Cache) Forget(layer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.documents, layer)
}
