-- Those that have not failed, whoever is making them.
SELECT count(*) FROM undocumented WHERE error = '';
