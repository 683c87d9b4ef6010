package notify

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/internal/store"
)

// transport is the way mails leave: a mail server or a folder.
type transport interface {
	// open connects. An error says nothing about any mail.
	open(context.Context) (connection, error)
}

// connection carries mails one after another, until a verdict says it is broken.
type connection interface {
	send(store.ClaimedMail, *gomail.Msg) verdict
	close()
}

// verdict is what is known after an attempt.
type verdict struct {
	fate   fate
	err    error
	broken bool   // the connection must be closed
	answer string // what the server said when it took the mail
}

type fate int

const (
	delivered fate = iota
	untried        // the connection had died before; another one may do
	refused        // for good
	delayed        // not delivered; may be later
	kept           // not delivered; never given up
	unsure         // may have been delivered
)

func newTransport(smtpURL string) (transport, error) {
	if dir, isFolder := strings.CutPrefix(smtpURL, "file:"); isFolder {
		if dir = strings.TrimPrefix(dir, "//"); dir == "" {
			return nil, fmt.Errorf("reading SMTP_URL: file: needs a folder, as in file:/var/spool/licenseledger")
		}
		return folder{dir}, nil
	}
	u, err := url.Parse(smtpURL)
	if err != nil {
		// The error itself repeats the address, which holds a password.
		return nil, fmt.Errorf("reading SMTP_URL: not an address like smtp://user:password@host:587, smtps://host:465 or file:DIR")
	}
	return newServer(u)
}
