// Package servicequotas is Service Quotas on one machine, as far as Mayfly asks
// it: what the local cloud's own limits are. Nobody can ask for more.
package servicequotas

import (
	"encoding/json"
	"net/http"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// prefix is what the operations begin with in the header.
const prefix = "ServiceQuotasV20190624."

// Quota is a limit of the local cloud.
type Quota struct {
	// Service and Code name it as AWS does.
	Service, Code, Name string
	Value               float64
	// Global says that it is not one region's.
	Global bool
}

// Options says what the service tells.
type Options struct {
	Quotas          []Quota
	Region, Account string
	// NewID makes the id of each answer.
	NewID func() string
}

// Service answers for quotas. It is safe for concurrent use.
type Service struct {
	Options
	answers awsjson.Answerer
}

// New returns the service.
func New(options Options) *Service {
	return &Service{Options: options, answers: awsjson.Answerer{Version: "1.1", Fault: "ServiceException", NewID: options.NewID}}
}

// quota is a quota as the API writes it.
type quota struct {
	Adjustable  bool
	GlobalQuota bool
	QuotaArn    string
	QuotaCode   string
	QuotaName   string
	ServiceCode string
	Unit        string
	Value       float64
}

// ServeHTTP answers GetServiceQuota, GetAWSDefaultServiceQuota and
// ListServiceQuotas; others are refused by name.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, err := awsjson.Read(w, r, prefix)
	if err != nil {
		s.refuse(w, "IllegalArgumentException", err.Error())
		return
	}
	var in struct{ ServiceCode, QuotaCode string }
	if err := json.Unmarshal(call.Body, &in); err != nil {
		s.refuse(w, "SerializationException", err.Error())
		return
	}
	switch {
	case !call.Addressed:
		s.refuse(w, "UnknownOperationException", "")
	case call.Operation == "GetServiceQuota", call.Operation == "GetAWSDefaultServiceQuota":
		for _, q := range s.Quotas {
			if q.Service == in.ServiceCode && q.Code == in.QuotaCode {
				s.answers.Answer(w, http.StatusOK, map[string]quota{"Quota": s.quota(q)})
				return
			}
		}
		s.refuse(w, "NoSuchResourceException", "The request failed because the specified service quota does not exist: "+in.ServiceCode+" "+in.QuotaCode)
	case call.Operation == "ListServiceQuotas":
		all := []quota{}
		for _, q := range s.Quotas {
			if q.Service == in.ServiceCode {
				all = append(all, s.quota(q))
			}
		}
		if len(all) == 0 {
			s.refuse(w, "NoSuchResourceException", "The request failed because the specified service does not exist: "+in.ServiceCode)
			return
		}
		s.answers.Answer(w, http.StatusOK, map[string][]quota{"Quotas": all})
	default:
		s.refuse(w, "UnknownOperationException", call.Operation+" is not part of this local cloud")
	}
}

func (s *Service) quota(q Quota) quota {
	region := s.Region
	if q.Global {
		region = ""
	}
	return quota{
		GlobalQuota: q.Global, QuotaArn: "arn:aws:servicequotas:" + region + ":" + s.Account + ":" + q.Service + "/" + q.Code,
		QuotaCode: q.Code, QuotaName: q.Name, ServiceCode: q.Service, Unit: "None", Value: q.Value,
	}
}

func (s *Service) refuse(w http.ResponseWriter, code, message string) {
	s.answers.Answer(w, http.StatusBadRequest, map[string]string{"__type": code, "message": message})
}
