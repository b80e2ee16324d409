package scheduler

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// kept is a schedule with what the file knows of it. Times are in milliseconds
// since 1970.
type kept struct {
	definition
	token                     string
	created, modified, anchor int64
	next, last                sql.NullInt64
}

const keptColumns = `definition, token, created, modified, anchor, next, last`

func scanKept(row interface{ Scan(into ...any) error }) (k kept, err error) {
	var text string
	if err := row.Scan(&text, &k.token, &k.created, &k.modified, &k.anchor, &k.next, &k.last); err != nil {
		return kept{}, err //nolint:wrapcheck // sql.ErrNoRows is looked for
	}
	return k, json.Unmarshal([]byte(text), &k.definition)
}

// due sets when it is due next, after a time.
func (k *kept) due(after time.Time) error {
	at, there, err := k.definition.next(time.UnixMilli(k.anchor), after)
	k.next = sql.NullInt64{Int64: at.UnixMilli(), Valid: there}
	return err
}

// find returns a schedule, or the refusal that says it is not there.
func find(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, group, name string) (kept, error) {
	k, err := scanKept(q.QueryRowContext(ctx, `SELECT `+keptColumns+` FROM schedule WHERE group_name = ? AND name = ?`, group, name))
	if errors.Is(err, sql.ErrNoRows) {
		return kept{}, noSchedule(name)
	}
	return k, err
}

// read reads the definition that a request has, checked.
func (s *Service) read(c call) (d definition, token string, err error) {
	var in struct {
		definition
		ClientToken string
	}
	if err := c.body(&in); err != nil {
		return definition{}, "", err
	}
	in.Name = c.PathValue("name")
	err = in.check(s.o.Now())
	return in.definition, in.ClientToken, err
}

// createSchedule makes a schedule. A request that comes twice, with the token
// that the SDK gives it, makes it once.
func (s *Service) createSchedule(c call) (any, error) {
	d, token, err := s.read(c)
	if err != nil {
		return nil, err
	}
	now := s.o.Now().UnixMilli()
	k := kept{definition: d, token: token, created: now, modified: now, anchor: now}
	// A rate begins at once, so now counts.
	if err := k.due(time.UnixMilli(now - 1)); err != nil {
		return nil, err
	}
	err = s.file.Write(c.Context(), func(tx *sql.Tx) error {
		there, err := find(c.Context(), tx, d.GroupName, d.Name)
		var missing *refusal
		switch {
		case err == nil && token != "" && token == there.token:
			return nil
		case err == nil:
			return conflict("Schedule %s already exists.", d.Name)
		case !errors.As(err, &missing):
			return err
		}
		var known int
		if err := tx.QueryRowContext(c.Context(), `SELECT count(*) FROM schedule_group WHERE name = ?`, d.GroupName).Scan(&known); err != nil || known == 0 {
			return errors.Join(err, noGroup(d.GroupName))
		}
		return save(c.Context(), tx, &k)
	})
	s.runner.kick()
	return map[string]string{"ScheduleArn": s.scheduleARN(d.GroupName, d.Name)}, err
}

// save writes a schedule, new or changed.
func save(ctx context.Context, tx *sql.Tx, k *kept) error {
	text, err := json.Marshal(k.definition)
	if err != nil {
		return err //nolint:wrapcheck // plain data
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO schedule (group_name, name, `+keptColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (group_name, name) DO UPDATE SET definition = excluded.definition, token = excluded.token, modified = excluded.modified, anchor = excluded.anchor, next = excluded.next, last = excluded.last`,
		k.GroupName, k.Name, text, k.token, k.created, k.modified, k.anchor, k.next, k.last)
	return err
}

// updateSchedule replaces all of a schedule, as AWS does: what the request
// leaves out has its default again. Rates go on counting from where they did
// while the expression is the same.
func (s *Service) updateSchedule(c call) (any, error) {
	d, token, err := s.read(c)
	if err != nil {
		return nil, err
	}
	now := s.o.Now().UnixMilli()
	err = s.file.Write(c.Context(), func(tx *sql.Tx) error {
		k, err := find(c.Context(), tx, d.GroupName, d.Name)
		if err != nil {
			return err
		}
		after := now
		if d.ScheduleExpression != k.ScheduleExpression || d.ScheduleExpressionTimezone != k.ScheduleExpressionTimezone {
			k.anchor, after = now, now-1
		}
		k.definition, k.token, k.modified = d, token, now
		if err := k.due(time.UnixMilli(after)); err != nil {
			return err
		}
		return save(c.Context(), tx, &k)
	})
	s.runner.kick()
	return map[string]string{"ScheduleArn": s.scheduleARN(d.GroupName, d.Name)}, err
}

// groupOf is the group that a request names in its query.
func (c call) groupOf() string {
	if name := c.URL.Query().Get("groupName"); name != "" {
		return name
	}
	return defaultGroup
}

func (s *Service) getSchedule(c call) (any, error) {
	k, err := find(c.Context(), s.file.Reader, c.groupOf(), c.PathValue("name"))
	return described{
		definition: k.definition, Arn: s.scheduleARN(k.GroupName, k.Name),
		CreationDate: awsjson.At(time.UnixMilli(k.created)), LastModificationDate: awsjson.At(time.UnixMilli(k.modified)),
	}, err
}

func (s *Service) deleteSchedule(c call) (any, error) {
	name := c.PathValue("name")
	err := s.change(c.Context(), noSchedule(name), `DELETE FROM schedule WHERE group_name = ? AND name = ?`, c.groupOf(), name)
	return struct{}{}, err
}

func (s *Service) listSchedules(c call) (any, error) {
	limit, after, err := c.page()
	if err != nil {
		return nil, err
	}
	afterGroup, afterName, _ := strings.Cut(after, "/")
	query := c.URL.Query()
	out := struct {
		Schedules []summary
		NextToken string `json:",omitempty"`
	}{Schedules: []summary{}}
	err = sqlfile.Each(c.Context(), s.file.Reader, func(rows *sql.Rows) error {
		k, err := scanKept(rows)
		if err != nil {
			return err
		}
		if len(out.Schedules) == limit {
			last := out.Schedules[limit-1]
			out.NextToken = token(last.GroupName, last.Name)
			return nil
		}
		out.Schedules = append(out.Schedules, summary{
			Arn: s.scheduleARN(k.GroupName, k.Name), Name: k.Name, GroupName: k.GroupName, State: k.State,
			CreationDate: awsjson.At(time.UnixMilli(k.created)), LastModificationDate: awsjson.At(time.UnixMilli(k.modified)),
			Target: summaryTarget{k.Target.Arn},
		})
		return nil
	}, `SELECT `+keptColumns+` FROM schedule WHERE (group_name, name) > (?, ?) AND (?3 = '' OR group_name = ?3)
		AND substr(name, 1, length(?4)) = ?4 AND (?5 = '' OR definition ->> 'State' = ?5) ORDER BY group_name, name LIMIT ?6`,
		afterGroup, afterName, query.Get("ScheduleGroup"), query.Get("NamePrefix"), query.Get("State"), limit+1)
	return out, err
}
