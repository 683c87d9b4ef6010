package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	gomail "github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/internal/store"
)

// folder takes mails as files, one each, named by the mail's id: a mail that is
// written again replaces itself.
type folder struct{ dir string }

func (f folder) open(context.Context) (connection, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for mails: %w", err)
	}
	return f, nil
}

func (f folder) close() {}

func (f folder) send(m store.ClaimedMail, msg *gomail.Msg) verdict {
	if err := f.write(m, msg); err != nil {
		return verdict{fate: delayed, err: err}
	}
	return verdict{fate: delivered}
}

// write never shows a part of a mail: it is complete on disk before it gets its
// name. The name before that has the token in it, so two attempts cannot mix.
func (f folder) write(m store.ClaimedMail, msg *gomail.Msg) (err error) {
	partial := func(token int64) string { return filepath.Join(f.dir, fmt.Sprintf(".%s.%d.partial", m.ID(), token)) }
	_ = os.Remove(partial(m.Token - 1)) // left by a worker that was killed
	file, err := os.OpenFile(partial(m.Token), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing mail %s: %w", m.ID(), err)
	}
	_, err = msg.WriteTo(file)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(partial(m.Token), filepath.Join(f.dir, m.ID()+".eml"))
	}
	if err != nil {
		_ = os.Remove(partial(m.Token))
		return fmt.Errorf("writing mail %s: %w", m.ID(), err)
	}
	return syncFolder(f.dir)
}

// syncFolder makes a new name survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("opening the folder for mails: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
