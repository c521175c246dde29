-- Writes the row that shows whether a node takes writes.
-- Takes: $1 a text that nobody else writes. Returns: nothing. Reads: nothing. Writes: canary.
INSERT INTO switchback.canary (token) VALUES ($1)
ON CONFLICT (singleton) DO UPDATE SET token = EXCLUDED.token, at = clock_timestamp()
