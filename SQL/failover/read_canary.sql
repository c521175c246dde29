-- Reads it again.
-- Takes: nothing. Returns: one row: the text. Reads: canary. Writes: nothing.
SELECT token FROM switchback.canary
