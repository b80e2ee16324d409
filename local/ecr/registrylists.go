package ecr

import (
	"net/http"
	"net/url"
	"strconv"
)

// clientPage reads how the registry's lists are paged: n items after last.
func clientPage(query url.Values) (limit int, last string, err error) {
	limit = 1000
	if n := query.Get("n"); n != "" {
		if limit, err = strconv.Atoi(n); err != nil || limit < 0 {
			return 0, "", &problem{status: http.StatusBadRequest, Code: "PAGINATION_NUMBER_INVALID", Message: "n must be a number of 1 to 1000"}
		}
		limit = min(limit, 1000)
	}
	return limit, query.Get("last"), nil
}

// linkNext tells where a list goes on.
func linkNext(v *visit, limit int, last string) {
	next := url.URL{Path: v.r.URL.Path, RawQuery: url.Values{"n": {strconv.Itoa(limit)}, "last": {last}}.Encode()}
	v.w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
}

// names answers with a page of names, of which one more than asked for was
// read.
func names(v *visit, limit int, found []string, answer func([]string) any) error {
	if len(found) > limit {
		found = found[:limit]
		if limit > 0 {
			linkNext(v, limit, found[limit-1])
		}
	}
	if found == nil {
		found = []string{}
	}
	return writeJSON(v.w, http.StatusOK, answer(found))
}

func (s *Service) serveTags(v *visit) error {
	if v.r.Method != http.MethodGet {
		return unsupported(v)
	}
	if err := s.permit(v, "ListImages"); err != nil {
		return err
	}
	limit, last, err := clientPage(v.r.URL.Query())
	if err != nil {
		return err
	}
	found, err := collect(v.r.Context(), s.store.reader, text, "SELECT tag FROM tag WHERE repository = ? AND tag > ? ORDER BY tag LIMIT ?", v.repo.id, last, limit+1)
	if err != nil {
		return err
	}
	return names(v, limit, found, func(tags []string) any {
		return struct {
			Name string   `json:"name"`
			Tags []string `json:"tags"`
		}{v.name, tags}
	})
}

// serveCatalog lists the private repositories.
func (s *Service) serveCatalog(v *visit) error {
	if v.r.Method != http.MethodGet {
		return unsupported(v)
	}
	if err := s.may(v.who, private.action("DescribeRepositories"), "*", v.r.RemoteAddr, ""); err != nil {
		return err
	}
	limit, last, err := clientPage(v.r.URL.Query())
	if err != nil {
		return err
	}
	found, err := collect(v.r.Context(), s.store.reader, text, "SELECT name FROM repository WHERE visibility = ? AND name > ? ORDER BY name LIMIT ?", private, last, limit+1)
	if err != nil {
		return err
	}
	return names(v, limit, found, func(repositories []string) any { return map[string][]string{"repositories": repositories} })
}
