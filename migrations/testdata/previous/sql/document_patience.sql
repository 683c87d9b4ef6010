-- A long invoice takes a while to draw.
SET LOCAL idle_in_transaction_session_timeout = '10min';
