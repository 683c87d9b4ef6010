package api

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

const (
	oneCommand   = "application/json"
	manyCommands = "application/x-ndjson"

	// acceptPatience is how long it goes on while Postgres cannot be reached.
	acceptPatience = 5 * time.Second
)

type commandsInput struct {
	ContentType    string `header:"Content-Type" hidden:"true"`
	IdempotencyKey string `header:"Idempotency-Key" doc:"The id of the command, for clients that give it here; the body may then leave it out. Not with several commands." example:"po-2026-0042"`
	RawBody        []byte `contentType:"application/x-ndjson"`
}

type acceptedOutput struct {
	Location string `header:"Location" doc:"Where the outcome will be, of one command."`
	Body     accepted
}

// accepted is that all commands of a request are in the journal.
type accepted struct {
	IDs []string `json:"ids" doc:"Of the commands, in the order of the request."`
}

// postCommands answers when all commands of the request are in the journal.
func (a *API) postCommands(ctx context.Context, in *commandsInput) (*acceptedOutput, error) {
	commands, err := a.read(ctx, in)
	if err != nil {
		return nil, err
	}
	outcomes, err := a.client.Do(ctx, commands, jobs.Run{Timeout: acceptPatience})
	if err != nil {
		return nil, err
	}
	if err := refusedAtTheDoor(outcomes); err != nil {
		return nil, err
	}
	out := &acceptedOutput{Body: accepted{IDs: make([]string, len(outcomes))}}
	for i, o := range outcomes {
		out.Body.IDs[i] = o.ID
	}
	if len(outcomes) == 1 {
		out.Location = "/v1/commands/" + url.PathEscape(outcomes[0].ID)
	}
	return out, nil
}

// read reads the commands of a request. If anything is wrong, everything is said
// and nothing is kept.
func (a *API) read(ctx context.Context, in *commandsInput) ([]jobs.Command, error) {
	contentType, _, err := mime.ParseMediaType(in.ContentType)
	if err != nil || contentType != oneCommand && contentType != manyCommands {
		return nil, problem(http.StatusUnsupportedMediaType, "send one command as "+oneCommand+", or several, one a line, as "+manyCommands)
	}
	if contentType == oneCommand {
		command, err := readOne(ctx, in)
		return []jobs.Command{command}, err
	}
	if in.IdempotencyKey != "" {
		return nil, invalidField("header.Idempotency-Key", "is for one command; here each has an id of its own")
	}
	var commands []jobs.Command
	var wrong []FieldProblem
	parse := func(line []byte) (jobs.Command, jobs.Problems) { return jobs.ParseFrom(callOf(ctx).holder, "", line) }
	err = jobs.CheckLines(ctx, bytes.NewReader(in.RawBody), parse, func(l jobs.Line) {
		wrong = append(wrong, fieldProblems(l.Number, l.Problems)...)
		commands = append(commands, l.Command)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading commands: %w", err)
	case len(wrong) > 0:
		p := invalid(wrong)
		p.Detail = fmt.Sprintf("line %d: %s; nothing was accepted", wrong[0].Line, p.Detail)
		return nil, p
	case len(commands) == 0:
		return nil, invalidField("body", "has no command")
	}
	return commands, nil
}

func readOne(ctx context.Context, in *commandsInput) (jobs.Command, error) {
	if len(in.RawBody) > jobs.MaxCatalogCommandBytes {
		return jobs.Command{}, problem(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body has %d bytes; a command has at most %d", len(in.RawBody), jobs.MaxCatalogCommandBytes))
	}
	id := in.IdempotencyKey
	if inner, quoted := strings.CutPrefix(id, `"`); quoted { // as the header's draft standard has it
		id = strings.TrimSuffix(inner, `"`)
	}
	command, wrong := jobs.ParseFrom(callOf(ctx).holder, id, in.RawBody)
	if len(wrong) > 0 && wrong[0].Field == "line" { // here it is not one of many
		wrong[0].Field = "body"
	}
	if len(wrong) > 0 {
		return command, invalid(fieldProblems(0, wrong))
	}
	return command, nil
}

// refusedAtTheDoor says which commands are not in the journal.
func refusedAtTheDoor(outcomes []jobs.Outcome) error {
	statuses := map[domain.Reason]int{
		domain.SignatureInvalid: http.StatusUnauthorized, domain.OutOfScope: http.StatusForbidden, domain.IDReused: http.StatusConflict,
	}
	var p *Problem
	var errs []FieldProblem
	for i, o := range outcomes {
		if o.Reason == nil {
			continue
		}
		if p == nil {
			p = problem(statuses[*o.Reason], *o.Detail).because(*o.Reason)
		}
		e := FieldProblem{ID: o.ID, Field: "id", Detail: *o.Detail}
		if len(outcomes) > 1 {
			e.Line = i + 1
		}
		errs = append(errs, e)
	}
	if p == nil {
		return nil
	}
	if p.Errors = errs; len(outcomes) > 1 {
		p.Detail = fmt.Sprintf("%d of %d commands are accepted; the others are not: %s", len(outcomes)-len(errs), len(outcomes), p.Detail)
	}
	return p
}

type outcomeInput struct {
	ID   string `path:"id" doc:"Of the command; what is not a letter or a digit as %XX." example:"po-2026-0042"`
	Wait string `query:"wait" pattern:"^[0-9]{1,5}(ms|s)$" doc:"How long to wait for the outcome, at most 30s." example:"10s"`
}

type outcomeOutput struct{ Body jobs.Outcome }

// getOutcome shows what became of a command of the source.
func (a *API) getOutcome(ctx context.Context, in *outcomeInput) (*outcomeOutput, error) {
	wait, err := parseWait(in.Wait)
	if err != nil {
		return nil, err
	}
	source := callOf(ctx).holder.Source.Source
	outcome, seq, found, err := jobs.FindOutcome(ctx, a.store, source, in.ID)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, problem(http.StatusNotFound, fmt.Sprintf("source %s has sent no command %s", source, in.ID))
	case outcome.Status == store.Waiting && wait > 0:
		if o, decided := a.outcomes.wait(ctx, seq, wait); decided {
			outcome = jobs.ReadOutcome(outcome.ID, outcome.Kind, o)
		}
	}
	return &outcomeOutput{Body: outcome}, nil
}

// parseWait reads how long somebody wants to wait.
func parseWait(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait > MaxWait {
		return 0, invalidField("query.wait", "must be a time like 10s, at most "+MaxWait.String())
	}
	return wait, nil
}

type previewOutput struct{ Body jobs.Preview }

type previewInput struct {
	ContentType    string `header:"Content-Type" hidden:"true"`
	IdempotencyKey string `header:"Idempotency-Key" doc:"The id of the command, if the body leaves it out."`
	RawBody        []byte `contentType:"application/json"`
}

// postPreview shows what a command would do.
func (a *API) postPreview(ctx context.Context, in *previewInput) (*previewOutput, error) {
	if contentType, _, err := mime.ParseMediaType(in.ContentType); err != nil || contentType != oneCommand {
		return nil, problem(http.StatusUnsupportedMediaType, "send one command as "+oneCommand)
	}
	command, err := readOne(ctx, &commandsInput{IdempotencyKey: in.IdempotencyKey, RawBody: in.RawBody})
	if err != nil {
		return nil, err
	}
	preview, err := a.client.Preview(ctx, command)
	return &previewOutput{Body: preview}, err
}
