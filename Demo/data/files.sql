-- Thirty thousand files, and a hundred and twenty thousand downloads of them.
-- Takes: nothing. Returns: nothing. Reads: item.
-- Writes: bundle, bitstream, checksum_check, access_policy, download, download_day, collection.

INSERT INTO bundle SELECT item_id, name FROM item, unnest(ARRAY['data', 'readme']) AS name;

INSERT INTO bitstream
SELECT md5('file ' || g)::uuid, 1 + (g - 1) % 12000, CASE WHEN g > 12000 THEN 'data' ELSE 'readme' END,
    CASE WHEN g > 12000 THEN 'table-' || g || '.csv' ELSE 'README.txt' END, 1000 + (g * 7919::bigint) % 9000000,
    decode(md5(g || ' content'), 'hex'), g % 40
FROM generate_series(1, 30000) AS g;

INSERT INTO checksum_check
SELECT bitstream_id, '2024-06-01'::timestamptz + (downloads || ' hours')::interval, 1 + downloads % 5, true FROM bitstream;

INSERT INTO access_policy
SELECT item_id, action, CASE WHEN action = 'write' THEN 3 ELSE 1 END, CASE WHEN item_id % 10 = 0 THEN '[2015-01-01,)' ELSE '[,)' END::daterange
FROM item, unnest(ARRAY['read', 'write']) AS action;

INSERT INTO download (at, bitstream_id, client, country)
SELECT '2020-01-01'::timestamptz + g * interval '25 minutes', md5('file ' || 1 + g * 7 % 30000)::uuid,
    ('192.0.2.' || g % 256)::inet, (ARRAY['US', 'CA', 'DE', 'NZ', 'BR', NULL])[1 + g % 6]
FROM generate_series(1, 120000) AS g;

INSERT INTO download_day
SELECT item_id, '2024-12-01'::date + (item_id % 28)::int, 1 + (item_id % 9)::int FROM item WHERE stage = 'published';

UPDATE collection SET items = sums.items, bytes = sums.bytes
FROM (SELECT collection_id, count(DISTINCT item_id) AS items, sum(size_bytes) AS bytes
      FROM item JOIN bitstream USING (item_id) GROUP BY collection_id) AS sums
WHERE sums.collection_id = collection.collection_id;
