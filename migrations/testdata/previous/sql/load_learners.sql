SELECT l.account, l.learner, l.name, l.status, l.last_login_at, l.changed_at
FROM (SELECT split_part(k, ' ', 1) AS account, split_part(k, ' ', 2) AS learner FROM unnest($1::text[]) AS k) AS key
JOIN learners AS l ON l.account = key.account AND l.learner = key.learner;
