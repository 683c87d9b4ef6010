package notify

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"path"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// sender is whom mails come from, who gets the replies, and who vouches for them.
type sender struct {
	from    mail.Address
	replyTo *mail.Address
	dkim    *dkimKey // nil: they are not signed
}

// Attachment is a file that goes with a mail.
type Attachment struct {
	Name        string
	ContentType string
	Content     []byte
}

// defaultFromName is shown where MAIL_FROM is an address without a name.
const defaultFromName = "LicenseLedger"

func newSender(from, replyTo string) (sender, error) {
	if from == "" {
		return sender{}, fmt.Errorf("MAIL_FROM must be set: mails need a sender")
	}
	address, err := parseAddress(from)
	if err != nil {
		return sender{}, fmt.Errorf("reading MAIL_FROM: %w", err)
	}
	if address.Name == "" {
		address.Name = defaultFromName
	}
	s := sender{from: *address}
	if replyTo != "" {
		if s.replyTo, err = parseAddress(replyTo); err != nil {
			return sender{}, fmt.Errorf("reading MAIL_REPLY_TO: %w", err)
		}
	}
	return s, nil
}

// parseAddress reads `ada@example.com` or `Ada <ada@example.com>`. Only plain
// addresses: quoted ones have been used to smuggle in others.
func parseAddress(s string) (*mail.Address, error) {
	address, err := mail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("%q is not a mail address", s)
	}
	if wrong := domain.Email(address.Address).Check(); wrong != "" {
		return nil, fmt.Errorf("%s", wrong)
	}
	address.Name = oneLine(address.Name)
	return address, nil
}

// domain is what the ids of messages end with.
func (s sender) domain() string {
	return s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:]
}

// message makes the same bytes of the same mail at every attempt.
func (s sender) message(m store.ClaimedMail, attachments []Attachment) (*gomail.Msg, error) {
	if wrong := domain.Email(m.Recipient).Check(); wrong != "" {
		return nil, &unsendable{wrong}
	}
	rendered, err := Render(m.Mail)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from := s.from // go-mail keeps the pointer, and messages are made in parallel
	msg.FromMailAddress(&from)
	msg.EnvelopeFromMailAddress(&mail.Address{Address: s.from.Address})
	msg.ToMailAddress(&mail.Address{Name: oneLine(string(m.Name)), Address: m.Recipient})
	if s.replyTo != nil {
		replyTo := *s.replyTo
		msg.ReplyToMailAddress(&replyTo)
	}
	msg.SetMessageIDWithValue(strings.Trim(m.MessageID, "<>"))
	msg.SetDateWithValue(m.CreatedAt.UTC())
	msg.Subject(encodeWords(rendered.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	if len(attachments) == 0 {
		msg.SetBodyString(gomail.TypeTextPlain, rendered.Text)
		msg.AddAlternativeString(gomail.TypeTextHTML, rendered.HTML)
		msg.SetBoundary(boundary(rendered))
	} else if err := attach(msg, rendered, attachments); err != nil {
		return nil, err
	}
	if s.dkim != nil {
		msg.SetDKIM(s.dkim.signer(m.CreatedAt))
	}
	return msg, nil
}

// attach makes a body of the text in both forms, and the files after it.
func attach(msg *gomail.Msg, r Rendered, attachments []Attachment) error {
	// go-mail takes only one boundary, so what is inside the outer one is made here.
	kind, body, err := alternative(r)
	if err != nil {
		return err
	}
	msg.SetBodyWriter(gomail.ContentType(kind), func(w io.Writer) (int64, error) {
		return bytes.NewReader(body).WriteTo(w)
	}, gomail.WithPartEncoding(gomail.NoEncoding))
	parts := []string{string(body)}
	for _, a := range attachments {
		parts = append(parts, a.Name, string(a.Content))
		msg.AttachReadSeeker(a.Name, bytes.NewReader(a.Content), func(f *gomail.File) {
			f.Header.Set("Content-Type", a.mediaType())
			f.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.fileName()}))
		})
	}
	msg.SetBoundary(hashed(parts...))
	return nil
}

func (a Attachment) mediaType() string {
	kind, params, err := mime.ParseMediaType(a.ContentType)
	if err != nil {
		return "application/octet-stream"
	}
	return mime.FormatMediaType(kind, params)
}

// fileName is a name on any system, and no path: it begins with the seller's
// prefix, which may be any text.
func (a Attachment) fileName() string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, oneLine(a.Name))
	extension := path.Ext(name)
	if len(extension) > len(".xhtml") {
		extension = ""
	}
	name = strings.TrimLeft(cut(strings.TrimSuffix(name, extension), longestFileName-len(extension)), ". ")
	return cmp.Or(name, "file") + extension
}

// longestFileName keeps the line with the name within what servers take, also
// where every character needs a dozen.
const longestFileName = 64

// alternative is the same text in two forms, of which a reader's program shows one.
func alternative(r Rendered) (contentType string, body []byte, err error) {
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	if err := parts.SetBoundary(boundary(r)); err != nil {
		return "", nil, fmt.Errorf("parting a mail: %w", err)
	}
	for _, form := range []struct{ kind, content string }{{"text/plain", r.Text}, {"text/html", r.HTML}} {
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type": {form.kind + "; charset=UTF-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return "", nil, fmt.Errorf("parting a mail: %w", err)
		}
		encoder := quotedprintable.NewWriter(part)
		if _, err := io.WriteString(encoder, form.content); err != nil {
			return "", nil, fmt.Errorf("encoding a mail: %w", err)
		}
		if err := encoder.Close(); err != nil {
			return "", nil, fmt.Errorf("encoding a mail: %w", err)
		}
	}
	err = parts.Close()
	return mime.FormatMediaType("multipart/alternative", map[string]string{"boundary": parts.Boundary()}), b.Bytes(), err
}

func boundary(r Rendered) string { return hashed(r.Text, r.HTML) }

// hashed makes a boundary of what it parts: nothing can contain its own hash.
func hashed(contents ...string) string {
	hash := sha256.New()
	for _, content := range contents {
		_, _ = io.WriteString(hash, content) // a hash takes everything
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// unsendable is what is wrong with a mail itself; trying again does not help.
type unsendable struct{ problem string }

func (u *unsendable) Error() string { return u.problem }
