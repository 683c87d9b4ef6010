-- Numbers that were given after the backup are not given again: clients, tasks
-- and reports may still name them.
INSERT INTO restores (first_seq, first_no)
SELECT setval('commands_seq', nextval('commands_seq') + $1::bigint) + 1, setval('ledger_no', nextval('ledger_no') + $1::bigint) + 1
RETURNING first_seq, first_no;
