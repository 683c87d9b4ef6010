package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/licenseledger/licenseledger/internal/store"
)

type releaseCommand struct {
	Delivered string `name:"delivered" placeholder:"FILE" help:"Text with the Message-IDs of mails that have arrived, such as the log of the mail server. They are not sent again."`
}

// messageID is how the ledger names mails: a key, and the domain of the sender.
var messageID = regexp.MustCompile(`([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([A-Za-z0-9.-]+)`)

// Run ends the hold of a restore.
func (c *releaseCommand) Run(a *app) error {
	var known []store.Delivery
	if c.Delivered != "" {
		text, err := os.ReadFile(c.Delivered)
		if err != nil {
			return invalidf("delivered: %s", err)
		}
		for _, m := range messageID.FindAllSubmatch(text, -1) {
			known = append(known, store.Delivery{Key: string(m[1]), MessageID: fmt.Sprintf("<%s>", m[0])})
		}
	}
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	released, err := s.EndMailHold(a.ctx, known)
	if errors.Is(err, store.ErrMailNotHeld) {
		return invalidf("no mail is held: `worker restored` holds it, after a restore")
	}
	if err != nil {
		return err
	}
	return a.done(map[string]any{"delivered": released.Delivered, "in_doubt": released.InDoubt},
		"%d mails had been delivered, %d are in doubt and will be sent", released.Delivered, released.InDoubt)
}
