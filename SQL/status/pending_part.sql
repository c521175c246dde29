-- The rows of one delta table in a window.
-- Takes: {delta}, {window}, {visible} a further condition or nothing. Returns: moments. Reads: the delta table. Writes: nothing.
SELECT at FROM {delta} WHERE {window}{visible}
