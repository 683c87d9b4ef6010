package jobs

import (
	"context"
	"errors"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Render makes the documents of an invoice. It is handed in, so that upstreams,
// which import this package too, do not link what makes PDFs.
type Render func(*domain.Invoice) (store.Documents, error)

// RenderWith says how the scheduler makes documents. Without it they wait for
// another worker that can.
func (s *Scheduler) RenderWith(render Render) *Scheduler {
	s.render = render
	return s
}

// RenderWith says how documents are made when the test clock closes a month.
func (b *Batcher) RenderWith(render Render) *Batcher {
	b.render = render
	return b
}

var errNoDocuments = errors.New("this program makes no documents; a worker will")

func noDocuments(*domain.Invoice) (store.Documents, error) { return nil, errNoDocuments }

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
