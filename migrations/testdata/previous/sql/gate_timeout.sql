-- Whoever waits for the exclusive gate dams everybody behind it: give up soon, try again.
SET LOCAL lock_timeout = '2s';
