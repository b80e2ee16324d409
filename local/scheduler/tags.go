package scheduler

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// merge returns tags with others added, in the order of their keys; of two with
// one key the later stays.
func merge(tags, more []tag) []tag {
	merged := slices.Clone(tags)
	for _, t := range more {
		merged = slices.DeleteFunc(merged, func(other tag) bool { return other.Key == t.Key })
		merged = append(merged, t)
	}
	slices.SortFunc(merged, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	if merged == nil {
		return []tag{}
	}
	return merged
}

// tagResource tags a group; schedules have no tags.
func (s *Service) tagResource(c call) (any, error) {
	var in struct{ Tags []tag }
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var checks checks
	checks.tags(in.Tags)
	if err := checks.err(); err != nil {
		return nil, err
	}
	return struct{}{}, s.changeTags(c, func(tags []tag) []tag { return merge(tags, in.Tags) })
}

func (s *Service) untagResource(c call) (any, error) {
	keys := c.URL.Query()["TagKeys"]
	return struct{}{}, s.changeTags(c, func(tags []tag) []tag {
		return slices.DeleteFunc(tags, func(t tag) bool { return slices.Contains(keys, t.Key) })
	})
}

func (s *Service) listTags(c call) (any, error) {
	name, err := s.tagged(c)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(s.file.Reader.QueryRowContext(c.Context(), `SELECT tags FROM schedule_group WHERE name = ?`, name), name)
	return map[string][]tag{"Tags": tags}, err
}

// tagged is the name of the group whose ARN is in the path.
func (s *Service) tagged(c call) (string, error) {
	arn := c.PathValue("arn")
	name, ours := strings.CutPrefix(arn, s.groupARN(""))
	if !ours {
		return "", invalid("Invalid ARN %s: tags are of schedule groups.", arn)
	}
	return name, nil
}

func (s *Service) changeTags(c call, change func([]tag) []tag) error {
	name, err := s.tagged(c)
	if err != nil {
		return err
	}
	return s.file.Write(c.Context(), func(tx *sql.Tx) error {
		tags, err := tagsOf(tx.QueryRowContext(c.Context(), `SELECT tags FROM schedule_group WHERE name = ?`, name), name)
		if err != nil {
			return err
		}
		text, err := json.Marshal(change(tags))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(c.Context(), `UPDATE schedule_group SET tags = ?, modified = ? WHERE name = ?`, text, s.o.Now().UnixMilli(), name)
		return err
	})
}

func tagsOf(row *sql.Row, name string) (tags []tag, err error) {
	var text string
	if err := row.Scan(&text); errors.Is(err, sql.ErrNoRows) {
		return nil, noGroup(name)
	} else if err != nil {
		return nil, err
	}
	return tags, json.Unmarshal([]byte(text), &tags)
}
