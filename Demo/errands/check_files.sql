-- The nightly job has read three hundred files again and compared their checksums.
-- Takes: $1 a random number. Returns: nothing. Reads: bitstream. Writes: checksum_check.
INSERT INTO checksum_check
SELECT bitstream_id, now(), 1, true FROM bitstream WHERE item_id BETWEEN $1::bigint % 12000 AND $1::bigint % 12000 + 100
ON CONFLICT (bitstream_id) DO UPDATE SET checked_at = excluded.checked_at, times = checksum_check.times + 1
