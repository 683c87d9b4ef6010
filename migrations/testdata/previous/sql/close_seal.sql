WITH month AS (
    SELECT unnest($1::text[]) AS contract, unnest($2::text[]) AS seller, unnest($3::date[]) AS period,
           unnest($4::date[]) AS through, unnest($5::timestamptz[]) AS due_at, unnest($6::timestamptz[]) AS next_at
), sealed AS (
    UPDATE billing AS b
    SET sealed_through = m.through, next_close_at = m.next_at
    FROM month AS m
    WHERE b.contract = m.contract
)
INSERT INTO closes (contract, period, seller, due_at, state)
SELECT contract, period, seller, due_at, 'sealed' FROM month;
