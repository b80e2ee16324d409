package scheduler

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// defaultGroup is there from the start, and always.
const defaultGroup = "default"

func (s *Service) makeDefaultGroup(ctx context.Context) error {
	return s.file.Write(ctx, func(tx *sql.Tx) error {
		now := s.o.Now().UnixMilli()
		_, err := tx.ExecContext(ctx, `INSERT INTO schedule_group (name, token, tags, created, modified) VALUES (?, '', '[]', ?, ?) ON CONFLICT DO NOTHING`, defaultGroup, now, now)
		return err
	})
}

// createGroup makes a group. A request that comes twice, with the token that
// the SDK gives it, makes it once.
func (s *Service) createGroup(c call) (any, error) {
	var in struct {
		ClientToken string
		Tags        []tag
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	name := c.PathValue("name")
	var checks checks
	checks.name(name, "name")
	checks.tags(in.Tags)
	if err := checks.err(); err != nil {
		return nil, err
	}
	tags, err := json.Marshal(merge(nil, in.Tags))
	if err != nil {
		return nil, err
	}
	now := s.o.Now().UnixMilli()
	err = s.file.Write(c.Context(), func(tx *sql.Tx) error {
		made, err := tx.ExecContext(c.Context(), `INSERT INTO schedule_group (name, token, tags, created, modified) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, name, in.ClientToken, tags, now, now)
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 1 {
			return err
		}
		var token string
		if err := tx.QueryRowContext(c.Context(), `SELECT token FROM schedule_group WHERE name = ?`, name).Scan(&token); err != nil {
			return err
		}
		if token == "" || token != in.ClientToken {
			return conflict("Schedule group %s already exists.", name)
		}
		return nil
	})
	return map[string]string{"ScheduleGroupArn": s.groupARN(name)}, err
}

func (s *Service) getGroup(c call) (any, error) {
	var created, modified int64
	name := c.PathValue("name")
	err := s.file.Reader.QueryRowContext(c.Context(), `SELECT created, modified FROM schedule_group WHERE name = ?`, name).Scan(&created, &modified)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noGroup(name)
	}
	return s.group(name, created, modified), err
}

func (s *Service) group(name string, created, modified int64) group {
	return group{
		Arn: s.groupARN(name), Name: name, State: "ACTIVE",
		CreationDate: awsjson.At(time.UnixMilli(created)), LastModificationDate: awsjson.At(time.UnixMilli(modified)),
	}
}

// deleteGroup takes its schedules with it, at once; AWS needs a while.
func (s *Service) deleteGroup(c call) (any, error) {
	name := c.PathValue("name")
	if name == defaultGroup {
		return nil, invalid("The default schedule group cannot be deleted.")
	}
	err := s.change(c.Context(), noGroup(name), `DELETE FROM schedule_group WHERE name = ?`, name)
	s.runner.kick()
	return struct{}{}, err
}

// change runs a statement that is to change one row, and returns missing when
// there is none.
func (s *Service) change(ctx context.Context, missing error, statement string, args ...any) error {
	return s.file.Write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return missing
	})
}

func (s *Service) listGroups(c call) (any, error) {
	limit, after, err := c.page()
	if err != nil {
		return nil, err
	}
	out := struct {
		ScheduleGroups []group
		NextToken      string `json:",omitempty"`
	}{ScheduleGroups: []group{}}
	err = sqlfile.Each(c.Context(), s.file.Reader, func(rows *sql.Rows) error {
		var name string
		var created, modified int64
		if err := rows.Scan(&name, &created, &modified); err != nil {
			return err
		}
		if len(out.ScheduleGroups) == limit {
			out.NextToken = token(out.ScheduleGroups[limit-1].Name)
			return nil
		}
		out.ScheduleGroups = append(out.ScheduleGroups, s.group(name, created, modified))
		return nil
	}, `SELECT name, created, modified FROM schedule_group WHERE name > ? AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3`,
		after, c.URL.Query().Get("NamePrefix"), limit+1)
	return out, err
}

// token is the place in a list after an entry.
func token(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "/")))
}

func untoken(text string) (string, error) {
	after, err := base64.RawURLEncoding.DecodeString(text)
	return string(after), err
}
