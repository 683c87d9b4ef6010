SELECT ledger_now(), test FROM clock;
