package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// Problem is what is answered instead of what was asked for (RFC 9457).
type Problem struct {
	Title  string         `json:"title" doc:"The status in words."`
	Status int            `json:"status" doc:"The HTTP status."`
	Detail string         `json:"detail" doc:"What is wrong, for people."`
	Reason domain.Reason  `json:"reason,omitempty" doc:"What is wrong, for programs, in the words of outcomes: invalid, signature_invalid, out_of_scope, id_reused."`
	Errors []FieldProblem `json:"errors,omitempty" doc:"Everything that is wrong, field by field."`

	header http.Header
}

// FieldProblem is one thing that is wrong with a request.
type FieldProblem struct {
	Line   int    `json:"line,omitempty" doc:"Of NDJSON, from 1."`
	ID     string `json:"id,omitempty" doc:"Of the command, if it is one of several that was refused."`
	Field  string `json:"field" doc:"Where: the field of a command (quantity, items[0].product), query.NAME or header.NAME."`
	Detail string `json:"detail" doc:"What is wrong there."`
}

const unexpected = "something went wrong here; it is in the log of the server"

func problem(status int, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

func (p *Problem) because(reason domain.Reason) *Problem {
	p.Reason = reason
	return p
}

// invalidField is a request of which one field is wrong.
func invalidField(field, detail string) *Problem {
	return invalid([]FieldProblem{{Field: field, Detail: detail}})
}

func invalid(errs []FieldProblem) *Problem {
	p := problem(http.StatusUnprocessableEntity, errs[0].Field+": "+errs[0].Detail).because(domain.Invalid)
	p.Errors = errs
	return p
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is asked by huma.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is asked by huma.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is asked by huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// write answers where huma is not asked.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who went away needs no answer
}

// huma asks these two variables how problems look, and whether lists may be null.
func init() {
	huma.NewError = func(status int, detail string, errs ...error) huma.StatusError {
		p := problem(status, detail)
		if status >= http.StatusInternalServerError {
			p.Detail = unexpected
			return p
		}
		for _, err := range errs {
			var at huma.ErrorDetailer
			if errors.As(err, &at) {
				p.Errors = append(p.Errors, FieldProblem{Field: at.ErrorDetail().Location, Detail: at.ErrorDetail().Message})
			}
		}
		if len(p.Errors) > 0 {
			return invalid(p.Errors)
		}
		return p
	}
	huma.DefaultArrayNullable = false
}

// retrySeconds is when to try again what failed because of Postgres.
const retrySeconds = 2

// asProblem is what a handler's error is answered with. What the client cannot
// mend is said in the log alone.
func (a *API) asProblem(ctx context.Context, err error) error {
	var p *Problem
	var wrong jobs.Problems
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &wrong):
		return invalid(fieldProblems(0, wrong))
	case errors.Is(err, store.ErrCursor):
		return invalidField("query.after", "is no row of this report")
	case store.Unreachable(err) || store.Transient(err):
		a.options.Log.Warn("a request failed because of Postgres", "path", callOf(ctx).url.Path, "error", err)
		p = problem(http.StatusServiceUnavailable, "the ledger cannot be reached; try again, a command with the same id")
		p.header = http.Header{"Retry-After": {strconv.Itoa(retrySeconds)}}
		return p
	case ctx.Err() != nil:
		return problem(http.StatusRequestTimeout, "the request was given up")
	}
	a.options.Log.Error("a request failed", "path", callOf(ctx).url.Path, "error", err)
	return problem(http.StatusInternalServerError, unexpected)
}

func fieldProblems(line int, wrong jobs.Problems) []FieldProblem {
	errs := make([]FieldProblem, len(wrong))
	for i, w := range wrong {
		errs[i] = FieldProblem{Line: line, Field: w.Field, Detail: w.What}
	}
	return errs
}
