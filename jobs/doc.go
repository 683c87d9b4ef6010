// Package jobs is the way of a command from upstream to the ledger: it checks
// it, commits it to the journal, rings for the worker, and executes it there.
//
// # For upstreams
//
// An upstream written in Go imports this package and package domain, which has
// a struct for every kind of command:
//
//	client, err := jobs.Connect(ctx, databaseURL, redisURL, slog.Default())
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//
//	command := jobs.New("po-2026-0042", "ada@northwind.example", domain.PurchaseStock{
//		Contract: "C-1", Account: "northwind", Product: "pro", Quantity: 100,
//	})
//	outcome, err := client.Apply(ctx, command)
//
// The id is yours, and unique per source. It is what makes sending safe: the
// same id with the same content is the same command, applied once, however
// often it is sent. After an error that leaves it unclear whether a command
// arrived, send it again.
//
//   - [Client.Enqueue] returns when the command is in the journal. It is not
//     lost from then on, whatever becomes of Redis or the worker.
//   - [Client.Apply] also waits for the outcome.
//   - [Client.Do] takes many commands, with or without waiting, in order or not.
//   - [Client.Outcome] asks later what became of a command.
//   - [Client.Preview] says what a command would do, and changes nothing.
//   - [RedisClient] is for upstreams that reach Redis but not Postgres.
//
// A Client is safe for use by many goroutines; make one for the whole program.
// Commands that many of them send at the same time share a commit.
//
// # Refusals and errors
//
// That a rule refuses a command is no error: it is an [Outcome] with the status
// [Rejected] and a reason, final for that id. Errors say that something else is
// in the way; errors.Is and errors.As tell which:
//
//   - [Problems]: the command is not well-formed; nothing was sent. Each
//     [Problem] names the field.
//   - [ErrUnreachable]: a server could not be reached. Send again.
//   - [ErrTimeout]: the commands are accepted, but nothing moved for too long.
//     Ask for the outcomes later; is a worker running?
//   - [*RefusedError]: the source has keys and the command is not signed with
//     one of them, so the journal has not taken it. See [Client.SignWith].
//   - [ErrNoCommand]: there is no command with that id.
//   - what the context says, when it ended.
//
// # For readers of the code
//
// Start with [Kinds], the table of everything that can be enqueued. The way in
// is decode, client, accept; the way through the worker is handle, batch,
// attempt, sweep; what happens by itself is schedule and documents. Importing
// this package does not link what makes documents or sends mail.
package jobs
