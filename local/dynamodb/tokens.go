package dynamodb

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// tokenLife is how long DynamoDB knows a ClientRequestToken.
const tokenLife = 10 * time.Minute

// opToken is the log's entry of a token, which only compaction writes.
const opToken = "-token"

// token is what is remembered of a transaction that was carried out: the same
// request again, whose first reply was lost, is answered without effect.
type token struct {
	Token  string `json:"token"`
	Digest string `json:"digest"`
	At     int64  `json:"at"`
}

func (s *Service) transact(body []byte, now time.Time) reply {
	var request struct{ ClientRequestToken string }
	if err := json.Unmarshal(body, &request); err != nil {
		return failure(http.StatusBadRequest, "SerializationException", err.Error())
	}
	sum, err := digest(body)
	if err != nil {
		return failure(http.StatusBadRequest, "SerializationException", err.Error())
	}
	this := token{Token: request.ClientRequestToken, Digest: sum, At: now.UnixNano()}
	if known, ok := s.tokens[this.Token]; ok && this.Token != "" && now.Sub(time.Unix(0, known.At)) < tokenLife {
		if known.Digest != this.Digest {
			return failure(http.StatusBadRequest, "IdempotentParameterMismatchException",
				"The request has the ClientRequestToken of another transaction.")
		}
		return success(struct{}{})
	}
	// The engine undoes what it did of a transaction that fails.
	answer := s.call("TransactWriteItems", body)
	answer.logged = answer.ok()
	if answer.ok() && this.Token != "" {
		s.tokens[this.Token] = this
	}
	return answer
}

// digest is the same for two bodies that say the same: clients write the
// members of an object in any order.
func digest(body []byte) (string, error) {
	var content any
	if err := json.Unmarshal(body, &content); err != nil {
		return "", err
	}
	canonical, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

func (s *Service) forgetTokens(now time.Time) {
	for key, known := range s.tokens {
		if now.Sub(time.Unix(0, known.At)) >= tokenLife {
			delete(s.tokens, key)
		}
	}
}
