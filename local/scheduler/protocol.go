package scheduler

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// operations are the API's, by the method and the path of their requests.
func operations() map[string]string {
	return map[string]string{
		"POST /schedules/{name}":         "CreateSchedule",
		"GET /schedules/{name}":          "GetSchedule",
		"PUT /schedules/{name}":          "UpdateSchedule",
		"DELETE /schedules/{name}":       "DeleteSchedule",
		"GET /schedules":                 "ListSchedules",
		"POST /schedule-groups/{name}":   "CreateScheduleGroup",
		"GET /schedule-groups/{name}":    "GetScheduleGroup",
		"DELETE /schedule-groups/{name}": "DeleteScheduleGroup",
		"GET /schedule-groups":           "ListScheduleGroups",
		"POST /tags/{arn}":               "TagResource",
		"DELETE /tags/{arn}":             "UntagResource",
		"GET /tags/{arn}":                "ListTagsForResource",
	}
}

// Operation returns a function that names the API operation that a request asks
// for, "" for none.
func Operation() func(*http.Request) string {
	routes, names := http.NewServeMux(), operations()
	for pattern := range names {
		routes.Handle(pattern, http.NotFoundHandler())
	}
	return func(r *http.Request) string {
		_, pattern := routes.Handler(r)
		return names[pattern]
	}
}

// call is one request: its name or ARN in the path, and its query.
type call struct {
	*http.Request
	// body reads the request's document.
	body func(any) error
}

func (s *Service) newRoutes() *http.ServeMux {
	answers := map[string]func(call) (any, error){
		"CreateSchedule": s.createSchedule, "GetSchedule": s.getSchedule, "UpdateSchedule": s.updateSchedule, "DeleteSchedule": s.deleteSchedule, "ListSchedules": s.listSchedules,
		"CreateScheduleGroup": s.createGroup, "GetScheduleGroup": s.getGroup, "DeleteScheduleGroup": s.deleteGroup, "ListScheduleGroups": s.listGroups,
		"TagResource": s.tagResource, "UntagResource": s.untagResource, "ListTagsForResource": s.listTags,
	}
	routes := http.NewServeMux()
	for pattern, operation := range operations() {
		answer := answers[operation]
		routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			out, err := answer(call{r, func(into any) error { return readBody(w, r, into) }})
			if err != nil {
				s.refuse(w, refusalOf(err))
				return
			}
			s.answer(w, http.StatusOK, out)
		})
	}
	return routes
}

// ServeHTTP answers the API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.routes.Handler(r); pattern == "" {
		s.refuse(w, &refusal{"UnknownOperationException", "EventBridge Scheduler has no " + r.Method + " " + r.URL.Path, http.StatusNotFound})
		return
	}
	s.routes.ServeHTTP(w, r)
}

func readBody(w http.ResponseWriter, r *http.Request, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, awsjson.MaxRequest))
	if err != nil {
		return invalid("The request could not be read: %v", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &refusal{"SerializationException", err.Error(), http.StatusBadRequest}
	}
	return nil
}

func (s *Service) answer(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		s.refuse(w, refusalOf(errors.New("the answer cannot be written")))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Requestid", s.o.NewID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
}

func (s *Service) refuse(w http.ResponseWriter, why *refusal) {
	w.Header().Set("X-Amzn-Errortype", why.code)
	s.answer(w, why.status, map[string]string{"Message": why.message})
}

// page reads how much of a list is asked for, and after which entry.
func (c call) page() (limit int, after string, err error) {
	limit = 100
	if text := c.URL.Query().Get("MaxResults"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 100 {
			return 0, "", invalid("1 validation error detected: Value '%s' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 100", text)
		}
	}
	if token := c.URL.Query().Get("NextToken"); token != "" {
		if after, err = untoken(token); err != nil {
			return 0, "", invalid("Invalid NextToken.")
		}
	}
	return limit, after, nil
}
