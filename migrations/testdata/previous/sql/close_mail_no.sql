SELECT nextval('ledger_no');
