package asl

import "errors"

// runMocked does what a state does to its data, with the mock in the place of its
// work.
func (x *execution) runMocked(f *frame) error {
	mock := x.test.in.Mock
	switch f.state.kind {
	case KindTask:
		if err := x.runTask(f); err != nil {
			return err
		}
		// The task is over before it is handed to anybody.
		x.taskEnded(f, mock.Result, mock.failure())
		return nil
	case KindParallel:
		if _, err := x.effectiveInput(f); err != nil {
			return err
		}
	case KindMap:
		err := x.prepareMocked(f)
		var refused *TestError
		if errors.As(err, &refused) {
			x.test.refused = refused
			x.endFailed(f, TaskError{Name: ErrorRuntime, Cause: refused.Message})
			return nil
		}
		if err != nil {
			return err
		}
	default: // refused before
	}
	if failed := mock.failure(); failed != nil {
		return failed
	}
	return x.complete(f, value{raw: mock.Result}, f.state.next)
}

func (m *Mock) failure() *TaskError {
	if m.Failure == nil {
		return nil
	}
	return &TaskError{Name: m.Failure.Name, Cause: m.Failure.Cause}
}
