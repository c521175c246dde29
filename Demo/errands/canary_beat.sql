-- Writes the canary.
-- Takes: $1 its next beat. Returns: nothing. Reads and writes: canary.
UPDATE canary SET beat = $1::bigint WHERE canary_id = 1
