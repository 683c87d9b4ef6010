-- What came with an id and was refused at the door.
SELECT at, kind, actor, reason, detail FROM refusals WHERE source = $1 AND id = $2 ORDER BY hash LIMIT 20
