-- Somebody submits an item.
-- Takes: $1 a random number. Returns: the item's id. Reads: nothing. Writes: item.
INSERT INTO item (submitter_id, collection_id, journal_id, license, title, subjects, extra)
VALUES (md5('person ' || 1 + $1::bigint % 8000)::uuid, 1 + $1::bigint % 60, 1 + $1::bigint % 150, 'CC0',
        'Data from: A new observation, number ' || $1, ARRAY['subject ' || $1::bigint % 97], jsonb_build_object('source', 'web'))
RETURNING item_id
