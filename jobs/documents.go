package jobs

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/notify/invoice"
	"github.com/licenseledger/licenseledger/notify/ubl"
)

// render makes all documents of an invoice.
func render(i *domain.Invoice) (store.Documents, error) {
	asJSON, err := i.JSON()
	if err != nil {
		return nil, err
	}
	var asCSV bytes.Buffer
	if err := i.WriteCSV(&asCSV); err != nil {
		return nil, err
	}
	asXML, err := ubl.XML(i)
	if err != nil {
		return nil, err
	}
	asPDF, err := invoice.PDF(i)
	if err != nil {
		return nil, err
	}
	return store.Documents{"json": asJSON, "csv": asCSV.Bytes(), "xml": asXML, "pdf": asPDF}, nil
}

// document makes the documents that invoices lack, on all processors, and
// returns when none is under way, here or in another worker.
func (s *Scheduler) document(ctx context.Context) error {
	for {
		group, together := errgroup.WithContext(ctx)
		for range runtime.GOMAXPROCS(0) {
			group.Go(func() error { return s.documentAll(together) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		left, err := s.store.DocumentsUnderWay(ctx)
		if err != nil || left == 0 {
			return err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Scheduler) documentAll(ctx context.Context) error {
	for made := 0; ; {
		found, failed, err := s.store.MakeDocuments(ctx, s.render)
		if failed != nil {
			s.log.Error("documents cannot be made yet; their mails wait", "error", failed)
		}
		made += found
		if err == nil && found > 0 {
			continue
		}
		if made > 0 {
			s.log.Info("documents made", "invoices", made)
		}
		return errors.Join(err, ctx.Err())
	}
}
