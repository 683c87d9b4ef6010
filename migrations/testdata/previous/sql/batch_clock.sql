SELECT ledger_now(), test, NOT EXISTS (SELECT FROM commands WHERE kind <> 'clock.advance')
FROM clock;
