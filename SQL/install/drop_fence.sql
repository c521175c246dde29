-- Lets applications write to a table again.
-- Takes: {table}. Returns: nothing. Reads: nothing. Writes: the catalogue.
DROP TRIGGER IF EXISTS switchback_fence ON {table};
DROP TRIGGER IF EXISTS switchback_fence_row ON {table};
