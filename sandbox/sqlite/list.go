package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// List returns a page of sandboxes by name; see sandbox.Store.
func (s *Store) List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	after, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", err)
	}
	where, args := []string{"name > ?"}, []any{after}
	if filter.Owner != "" {
		where, args = append(where, "owner = ?"), append(args, filter.Owner)
	}
	if filter.Phase != "" {
		where, args = append(where, "phase = ?"), append(args, string(filter.Phase))
	}
	size := page.Size()
	rows, err := s.reader.QueryContext(ctx, "SELECT body FROM sandbox WHERE "+strings.Join(where, " AND ")+
		" ORDER BY name LIMIT ?", append(args, size+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", err)
	}
	found, err := collect[sandbox.Sandbox](rows, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", err)
	}
	// One more than asked for was read, to know whether there is a next page.
	if len(found) <= size {
		return found, "", nil
	}
	return found[:size], sandbox.CursorAt(found[size-1].Name), nil
}

// few is how many rows are expected of a query that could give many.
const few = 64

// collect reads the one JSON column of all rows, of which there are most at most,
// and closes them.
func collect[T any](rows *sql.Rows, most int) (all []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	var body sql.RawBytes // the row's own memory: what is decoded stays, it does not
	for rows.Next() {
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if len(all) == few {
			all = slices.Grow(all, max(most-few, 0)) // these values are large: they are moved once
		}
		all = append(all, *new(T))
		if err := json.Unmarshal(body, &all[len(all)-1]); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}
