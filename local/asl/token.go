package asl

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// token identifies a try of a task: its execution, its frame, and the event
// that scheduled it. It needs no record of its own to survive a restart.
func (x *execution) token(task *running) string {
	if x.sum == 0 {
		x.sum = crc32.ChecksumIEEE([]byte(x.info.arn))
	}
	var b [24]byte
	binary.BigEndian.PutUint64(b[0:], x.seq)
	binary.BigEndian.PutUint32(b[8:], task.frame.id)
	binary.BigEndian.PutUint64(b[12:], uint64(task.scheduled))
	binary.BigEndian.PutUint32(b[20:], tokenSum(x.sum, b[:20]))
	var text [32]byte
	base64.RawURLEncoding.Encode(text[:], b[:])
	return string(text[:])
}

// tokenSum continues the checksum of an execution's ARN with a token's other
// parts. It is crc32.Update, which would have them on the heap.
func tokenSum(sum uint32, parts []byte) uint32 {
	sum = ^sum
	for _, b := range parts {
		sum = crc32.IEEETable[byte(sum)^b] ^ sum>>8
	}
	return ^sum
}

// withToken finds the task of a token and calls act with its execution locked,
// for act to unlock.
func (e *Engine) withToken(token string, act func(x *execution, f *frame)) error {
	defer e.hold()()
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 24 {
		return fmt.Errorf("task token: %w", ErrInvalidToken)
	}
	e.mu.Lock()
	x := e.bySeq[binary.BigEndian.Uint64(b)]
	closed := e.isClosed()
	e.mu.Unlock()
	switch {
	case closed:
		return fmt.Errorf("task token: %w", ErrClosed)
	case x == nil:
		return fmt.Errorf("task token: %w", ErrTaskDoesNotExist)
	case tokenSum(crc32.ChecksumIEEE([]byte(x.info.arn)), b[:20]) != binary.BigEndian.Uint32(b[20:]):
		return fmt.Errorf("task token: %w", ErrInvalidToken)
	}
	x.mu.Lock()
	if x.status != StatusRunning {
		x.mu.Unlock()
		return fmt.Errorf("task token: %w", ErrTaskTimedOut)
	}
	f := x.root.find(binary.BigEndian.Uint32(b[8:]))
	if f == nil || f.task == nil || uint64(f.task.scheduled) != binary.BigEndian.Uint64(b[12:]) {
		x.mu.Unlock()
		return fmt.Errorf("task token: %w", ErrTaskTimedOut)
	}
	act(x, f)
	return nil
}

func (f *frame) find(id uint32) *frame {
	if f.id == id {
		return f
	}
	if f.group == nil {
		return nil
	}
	for _, c := range f.group.children {
		if found := c.find(id); found != nil {
			return found
		}
	}
	return nil
}

// SendTaskSuccess ends a task that waits for its token, with its output. Errors:
// [ErrInvalidToken], [ErrTaskDoesNotExist], [ErrTaskTimedOut], [ErrInvalidInput].
func (e *Engine) SendTaskSuccess(token string, output []byte) error {
	if err := rawjson.Valid(output); err != nil {
		return fmt.Errorf("task output: %w: %w", ErrInvalidInput, err)
	}
	if len(output) > MaxPayload {
		return fmt.Errorf("task output: %w: %d bytes", ErrInvalidInput, len(output))
	}
	return e.answer(token, output, nil)
}

// SendTaskFailure ends a task that waits for its token, with an error.
func (e *Engine) SendTaskFailure(token, name, cause string) error {
	return e.answer(token, nil, &TaskError{Name: name, Cause: cause})
}

func (e *Engine) answer(token string, output []byte, failed *TaskError) error {
	var ready <-chan struct{}
	err := e.withToken(token, func(x *execution, f *frame) {
		x.taskEnded(f, output, failed)
		x.advance(f)
		ready = x.durably()
		if task := x.settle(true); task != nil {
			e.start(x, task)
		}
	})
	if err != nil {
		return err
	}
	if err := e.await(context.Background(), ready); err != nil {
		return fmt.Errorf("task token: %w", err)
	}
	return nil
}

// SendTaskHeartbeat gives a task that waits for its token another
// HeartbeatSeconds.
func (e *Engine) SendTaskHeartbeat(token string) error {
	return e.withToken(token, func(x *execution, f *frame) {
		x.tick()
		x.setHeartbeat(f)
		x.mu.Unlock()
	})
}
