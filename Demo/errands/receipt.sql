-- What the writer of a transaction looks for afterwards.
-- Takes: $1 its number. Returns: nothing. Reads: nothing. Writes: receipt.
INSERT INTO receipt (receipt_id) VALUES ($1)
