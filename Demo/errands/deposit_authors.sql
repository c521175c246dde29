-- The authors of a submitted item.
-- Takes: $1 the item, $2 a random number. Returns: nothing. Reads: nothing. Writes: item_author.
INSERT INTO item_author
SELECT $1::bigint, place, 'Author ' || ($2::bigint / place) % 9000, NULL FROM generate_series(1, 1 + $2::bigint % 4) AS place
