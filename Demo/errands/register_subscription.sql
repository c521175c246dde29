-- A person follows three collections.
-- Takes: $1 the person, $2 a random number. Returns: nothing. Reads: collection. Writes: subscription.
INSERT INTO subscription
SELECT $1::uuid, collection_id FROM collection WHERE collection_id % 20 = $2::bigint % 20
