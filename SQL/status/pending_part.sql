-- The rows of one delta table in a window.
-- Takes: {delta}, {window}, {visible} a further condition or nothing. Returns: moments and how many rows were changed then. Reads: the delta table. Writes: nothing.
SELECT at, rows FROM {delta} WHERE {window}{visible}
