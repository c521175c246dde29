-- Takes: nothing. Returns: the canary's last beat. Reads: canary. Writes: nothing.
SELECT beat FROM canary WHERE canary_id = 1
