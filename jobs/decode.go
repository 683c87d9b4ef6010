package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Sizes of one command as upstream writes it.
const (
	MaxCommandBytes        = 64 << 10
	MaxCatalogCommandBytes = 1 << 20
)

// Command is one instruction as upstream writes it.
type Command struct {
	ID         string           `json:"id"`
	Kind       string           `json:"kind"`
	Source     string           `json:"source,omitempty" default:"default"`
	Actor      domain.UserID    `json:"actor,omitempty"`
	OnBehalfOf domain.AccountID `json:"on_behalf_of,omitempty"`
	Preview    string           `json:"preview,omitempty"`
	Body       json.RawMessage  `json:"body"`
	checked    domain.Command
	entry      store.Instruction // for the journal
}

// Parse reads and checks one command. Problems says everything that is wrong.
func Parse(line []byte) (Command, Problems) { return parse(line, Command{}) }

// ParseFrom is Parse for a command that the holder of a token sends: its source
// is the holder's, and the token vouches for it instead of a signature. id, if
// it is not empty, is the command's, which then need not name it.
func ParseFrom(holder store.TokenHolder, id string, line []byte) (Command, Problems) {
	source := holder.Source.Source
	c, problems := parse(line, Command{ID: id, Source: source})
	if c.Source != "" && c.Source != source { // what cannot be read has none
		problems.add("source", "is %q, and the token is that of %s; leave it out", shorten(c.Source), source)
	}
	if c.ID != "" && id != "" && c.ID != id {
		problems.add("id", "is not what Idempotency-Key says; give one of the two, or the same twice")
	}
	if len(problems) > 0 {
		return Command{}, problems
	}
	c.entry.KeyID, c.entry.Signature = holder.TokenID, holder.Hash
	return c, nil
}

// parse reads a command over what is known of it.
func parse(line []byte, c Command) (Command, Problems) {
	var problems Problems
	if len(line) > MaxCatalogCommandBytes {
		problems.add("line", "has %d bytes; a command has at most %d", len(line), MaxCatalogCommandBytes)
		return Command{}, problems
	}
	if !utf8.Valid(line) {
		problems.add("line", "is not UTF-8 text")
		return Command{}, problems
	}
	if err := checkSyntax(line); err != nil {
		problems.add("line", "is not valid JSON: %s", err)
		return Command{}, problems
	}
	problems.decodeEnvelope(line, &c)
	if len(line) > MaxCommandBytes && len(c.Body) <= MaxCommandBytes && !catalog(c.Kind) {
		problems.tooLong(c.Kind, len(line))
	}
	if len(problems) == 0 {
		c.prepare()
	}
	return c, problems
}

func catalog(kind string) bool { return domain.ClassOf(kind) == domain.Catalog }

func (ps *Problems) tooLong(kind string, length int) {
	ps.add("line", "has %d bytes; a %s has at most %d", length, kind, MaxCommandBytes)
}

// New makes a command out of a typed body, for upstreams written in Go.
func New(id string, actor domain.UserID, body domain.Command) Command {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // bodies are plain structs
	}
	return Command{ID: id, Kind: body.Kind(), Source: domain.DefaultSource, Actor: actor, Body: raw}
}

// Check reads the body and prepares the command for the journal.
func (c *Command) Check() Problems {
	var problems Problems
	if !utf8.Valid(c.Body) {
		problems.add("body", "is not UTF-8 text")
		return problems
	}
	if problems.checkEnvelope(c); len(problems) == 0 {
		c.prepare()
	}
	return problems
}

func checkSyntax(line []byte) error {
	if json.Valid(line) {
		return nil
	}
	var syntax *json.SyntaxError
	var any json.RawMessage
	err := json.Unmarshal(line, &any)
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w (at byte %d)", err, syntax.Offset)
	}
	return err
}

func (ps *Problems) decodeEnvelope(line []byte, c *Command) {
	members := ps.members("", line)
	if members == nil {
		return
	}
	known := 0
	for _, name := range envelopeFields {
		value, given := members[name]
		if !given {
			continue
		}
		known++
		switch target := c.field(name); {
		case string(value) == "null", name == "source" && string(value) == `""`:
		case target == nil:
			c.Body = value
		default:
			ps.decodeValue(name, value, reflect.ValueOf(target).Elem())
		}
	}
	if known < len(members) {
		ps.unknownFields(members, "", "of a command", envelopeFields)
	}
	ps.checkEnvelope(c)
}

var envelopeFields = []string{"id", "kind", "source", "actor", "on_behalf_of", "preview", "body"}

// field is where a field of the envelope belongs; nil: it is the body.
func (c *Command) field(name string) any {
	switch name {
	case "id":
		return &c.ID
	case "kind":
		return &c.Kind
	case "source":
		return &c.Source
	case "actor":
		return &c.Actor
	case "on_behalf_of":
		return &c.OnBehalfOf
	case "preview":
		return &c.Preview
	}
	return nil
}

func (ps *Problems) checkEnvelope(c *Command) {
	if c.Source == "" {
		c.Source = domain.DefaultSource
	}
	kind, known := KindNamed(c.Kind)
	var found Problems
	found.checkID("id", c.ID)
	found.checkID("source", c.Source)
	if wrong := domain.Name(c.Preview).Check(); c.Preview != "" && wrong != "" {
		found.add("preview", "%s", wrong)
	}
	switch {
	case c.Kind == "":
		found.add("kind", "is required")
	case !known:
		found = append(found, Problem{Field: "kind", What: UnknownKind(c.Kind), unknown: true})
	default:
		found.checkActor(c, kind)
	}
	for _, p := range found {
		if !slices.ContainsFunc(*ps, func(other Problem) bool { return other.Field == p.Field }) { // what could not be read is empty here
			*ps = append(*ps, p)
		}
	}
	if known {
		ps.checkBody(c, kind)
	}
}

func (ps *Problems) checkBody(c *Command, kind Kind) {
	switch {
	case len(c.Body) > MaxCatalogCommandBytes:
		ps.add("line", "has %d bytes; a command has at most %d", len(c.Body), MaxCatalogCommandBytes)
		return
	case len(c.Body) > MaxCommandBytes && kind.Class != domain.Catalog:
		ps.tooLong(kind.Name, len(c.Body))
		return
	case c.Body == nil:
		ps.add("body", "is required")
		return
	case !bytes.HasPrefix(bytes.TrimSpace(c.Body), []byte("{")):
		ps.add("body", "must be an object, not %s", describe(c.Body))
		return
	}
	if err := checkSyntax(c.Body); err != nil {
		ps.add("body", "is not valid JSON: %s", err)
		return
	}
	before := len(*ps)
	body := reflect.New(kind.body).Elem()
	ps.decode("", c.Body, body)
	if len(*ps) == before {
		c.checked = body.Interface().(domain.Command)
	}
}

func (ps *Problems) checkActor(c *Command, kind Kind) {
	if kind.Class == domain.Business && c.Actor == "" {
		ps.add("actor", "is required for %s", kind.Name)
	}
	if c.Actor != "" {
		if wrong := c.Actor.Check(); wrong != "" {
			ps.add("actor", "%s", wrong)
		}
	}
	if c.OnBehalfOf == "" {
		return
	}
	if kind.Class != domain.Business {
		ps.add("on_behalf_of", "is not for %s", kind.Name)
	}
	if wrong := c.OnBehalfOf.Check(); wrong != "" {
		ps.add("on_behalf_of", "%s", wrong)
	}
}

func (ps *Problems) checkID(field, id string) {
	if id == "" {
		ps.add(field, "is required")
	} else if wrong := domain.CheckID(id); wrong != "" {
		ps.add(field, "%s", wrong)
	}
}

// prepare makes the journal entry. The hash is over canonical content, never
// over how the code happens to encode it, because queued commands and their
// replays outlive versions. The preview token is not content (rule 43).
func (c *Command) prepare() {
	body := reflect.ValueOf(c.checked)
	c.entry = store.Instruction{
		Source: c.Source, ID: c.ID, Kind: c.Kind, Actor: string(c.Actor), OnBehalfOf: string(c.OnBehalfOf), Preview: c.Preview,
		Body: encode(canonical(body, false)), Command: c.checked,
	}
	content := sha256.New()
	for _, part := range []string{c.Kind, string(c.Actor), string(c.OnBehalfOf)} {
		fmt.Fprintf(content, "%d:%s,", len(part), part)
	}
	if domain.ClassOf(c.Kind) == domain.Catalog { // only the catalog has values that can be written in two ways
		content.Write(encode(canonical(body, true)))
	} else {
		content.Write(c.entry.Body)
	}
	c.entry.Hash = content.Sum(nil)
}

func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // canonical values are maps, lists and leaves
	}
	return bytes.TrimSpace(b.Bytes())
}

// KindNames lists the kinds in the order of the table.
func KindNames() []string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = k.Name
	}
	return names
}

// UnknownKind says that there is no such kind, and which may be meant.
func UnknownKind(name string) string {
	return fmt.Sprintf("%q is not a kind of command%s", shorten(name), didYouMean(name, KindNames()))
}

// didYouMean offers the nearest known word, if one is near.
func didYouMean(word string, known []string) string {
	best, bestDistance := "", 1+len(word)/3
	for _, k := range known {
		if n := distance(word, k); n <= bestDistance {
			best, bestDistance = k, n-1
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance counts the letters to insert, delete or replace between two words.
func distance(a, b string) int {
	if len(a) > 64 || strings.Contains(a, "\x00") {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
