package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// sender is whom mails come from and who gets the replies.
type sender struct {
	from    mail.Address
	replyTo *mail.Address
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
func (s sender) message(m store.ClaimedMail) (*gomail.Msg, error) {
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
	msg.SetBodyString(gomail.TypeTextPlain, rendered.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, rendered.HTML)
	msg.SetBoundary(boundary(rendered))
	return msg, nil
}

// boundary comes from what it parts: no text can contain its own hash.
func boundary(r Rendered) string {
	hash := sha256.Sum256([]byte(r.Text + r.HTML))
	return hex.EncodeToString(hash[:16])
}

// unsendable is what is wrong with a mail itself; trying again does not help.
type unsendable struct{ problem string }

func (u *unsendable) Error() string { return u.problem }
