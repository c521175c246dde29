-- The files of an item, in a bundle.
-- Takes: $1 the item, $2 a random number. Returns: nothing. Reads: nothing. Writes: bundle, bitstream.
WITH new AS (INSERT INTO bundle VALUES ($1::bigint, 'data') RETURNING item_id, name)
INSERT INTO bitstream
SELECT gen_random_uuid(), item_id, name, 'upload-' || g || '.csv', 1000 + ($2::bigint * g) % 5000000, decode(md5($2 || ' ' || g), 'hex')
FROM new, generate_series(1, 1 + $2::bigint % 3) AS g
