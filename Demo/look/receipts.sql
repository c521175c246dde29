-- Takes: nothing. Returns: every receipt that is there. Reads: receipt. Writes: nothing.
SELECT receipt_id FROM receipt
