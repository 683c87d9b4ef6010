INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at, next_at)
SELECT no, n, event, account, recipient, name, locale, params, key, created_at,
       CASE WHEN held THEN 'infinity' ELSE clock_timestamp() END
FROM (SELECT unnest($1::bigint[]) AS no,
             unnest($2::bigint[]) AS n,
             unnest($3::text[]) AS event,
             unnest($4::text[]) AS account,
             unnest($5::text[]) AS recipient,
             unnest($6::text[]) AS name,
             unnest($7::text[]) AS locale,
             unnest($8::json[]) AS params,
             unnest($9::uuid[]) AS key,
             unnest($10::timestamptz[]) AS created_at,
             unnest($11::boolean[]) AS held) AS m;
