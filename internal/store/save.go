package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/mutant"
)

var (
	saveSellers   = sqlText("save_sellers")
	saveTaxes     = sqlText("save_taxes")
	saveProducts  = sqlText("save_products")
	saveAccounts  = sqlText("save_accounts")
	saveUsers     = sqlText("save_users")
	saveContracts = sqlText("save_contracts")
	saveClock     = sqlText("save_clock")
	saveLots      = sqlText("save_lots")
	saveLicenses  = sqlText("save_licenses")
	saveOrders    = sqlText("save_orders")

	saveLearners        = sqlText("save_learners")
	saveLinks           = sqlText("save_links")
	saveDeployments     = sqlText("save_deployments")
	saveAllocations     = sqlText("save_allocations")
	saveSubscriptions   = sqlText("save_subscriptions")
	saveSeatChanges     = sqlText("save_seat_changes")
	insertLicenses      = sqlText("insert_licenses")
	insertDeployments   = sqlText("insert_deployments")
	insertSubscriptions = sqlText("insert_subscriptions")
	saveBilling         = sqlText("save_billing")
	saveContractPrices  = sqlText("save_contract_prices")
	saveTermPrices      = sqlText("save_term_prices")
	saveContractEnd     = sqlText("save_contract_end")
	saveErasing         = sqlText("save_erasing")
	saveErasure         = sqlText("save_erasure")

	saveMovements = sqlText("save_movements")
	saveCharges   = sqlText("save_charges")
	saveMail      = sqlText("save_mail")
	saveHistory   = sqlText("save_history")
	saveOutcomes  = sqlText("save_outcomes")
	savePending   = sqlText("save_pending")
)

// save writes what a batch decided, one statement per table, rows in key order.
func save(ctx context.Context, tx pgx.Tx, s *domain.State, outcomes []domain.Outcome) error {
	batch := &pgx.Batch{}
	each(batch, saveSellers, s.Sellers.Changed())
	each(batch, saveTaxes, s.Taxes.Changed())
	each(batch, saveProducts, s.Products.Changed())
	each(batch, saveAccounts, s.Accounts.Changed())
	each(batch, saveUsers, s.Users.Changed())
	each(batch, saveContracts, s.Contracts.Changed())
	each(batch, saveLearners, s.Learners.Changed())
	each(batch, saveLinks, s.Links.Changed())
	each(batch, saveBilling, s.Openings)
	all(batch, saveContractPrices, s.ContractPrices)
	all(batch, saveTermPrices, s.TermPrices)
	for _, end := range s.ContractEnds {
		batch.Queue(saveContractEnd, end.Contract, end.DueAt)
	}
	if s.Clock.Set {
		batch.Queue(saveClock, s.Clock.Now)
	}
	all(batch, saveLots, s.Lots.Changed())
	all(batch, insertLicenses, s.Licenses.Created())
	all(batch, saveLicenses, s.Licenses.Updated())
	all(batch, saveOrders, s.Orders.Changed())
	all(batch, insertDeployments, s.Deployments.Created())
	all(batch, saveDeployments, s.Deployments.Updated())
	all(batch, saveAllocations, s.Allocations.Updated()) // what ends comes first: a learner holds a product once
	all(batch, saveAllocations, s.Allocations.Created())
	all(batch, insertSubscriptions, s.Subscriptions.Created())
	all(batch, saveSubscriptions, s.Subscriptions.Updated())
	all(batch, saveMovements, s.Movements)
	all(batch, saveSeatChanges, s.SeatChanges)
	all(batch, saveCharges, s.Charges)
	if !mutant.Lacks("mail row") {
		all(batch, saveMail, mailRows(s.Mail))
	}
	all(batch, saveHistory, s.History)
	all(batch, saveOutcomes, outcomes)
	seqs := make([]int64, len(outcomes))
	for i, o := range outcomes {
		seqs[i] = o.Seq
	}
	batch.Queue(savePending, seqs)
	erase(batch, s.Erasures) // last: what this batch has decided counts as decided
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("saving a batch of %d: %w", len(outcomes), err)
	}
	return nil
}

// erase takes learners' names out of the journal, which is otherwise append-only.
func erase(batch *pgx.Batch, learners []domain.LearnerKey) {
	for i, key := range learners {
		if i == 0 {
			batch.Queue(saveErasing)
		}
		account, learner, _ := strings.Cut(string(key), " ")
		batch.Queue(saveErasure, account, learner)
	}
}

// all writes any number of rows with one statement.
func all[R any](batch *pgx.Batch, sql string, rows []R) {
	if len(rows) > 0 {
		batch.Queue(sql, columns(rows)...).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != int64(len(rows)) {
				return errRival // the id was free when this batch looked
			}
			return nil
		})
	}
}

// each writes rows one by one: the catalog changes seldom and has lists in its columns.
func each[R any](batch *pgx.Batch, sql string, rows []R) {
	for _, row := range rows {
		batch.Queue(sql, values(row)...)
	}
}

type mailRow struct {
	No        int64
	N         int64
	Event     string
	Account   domain.AccountID
	Recipient string
	Name      domain.Name
	Locale    domain.Locale
	Params    domain.MailParams
	Key       string
	CreatedAt time.Time
	Held      bool // until the documents that it brings are made
}

// messageSpace is where the ids of messages live. They come from the cause, not
// from numbers, so that a ledger that is replayed names them alike.
var messageSpace = uuid.MustParse("0d2ad53c-6f0e-5c7d-9b57-3f0f6b1f8a11")

func mailRows(mails []domain.Mail) []mailRow {
	rows := make([]mailRow, len(mails))
	for i, m := range mails {
		key := uuid.NewSHA1(messageSpace, []byte(m.Cause+"\x00"+m.Event+"\x00"+m.Recipient))
		rows[i] = mailRow{
			No: m.No, N: m.N, Event: m.Event, Account: m.Account, Recipient: m.Recipient, Name: m.Name, Locale: m.Locale,
			Params: m.Params, Key: key.String(), CreatedAt: m.CreatedAt, Held: m.Event == domain.MailInvoiceIssued,
		}
	}
	return rows
}
