-- A newly registered person works somewhere.
-- Takes: $1 the person, $2 a random number. Returns: nothing. Reads: nothing. Writes: affiliation.
INSERT INTO affiliation VALUES ($1::uuid, 1 + $2::bigint % 200, current_date)
