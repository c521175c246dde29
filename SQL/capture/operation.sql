-- The letter that stands in a delta for what the trigger's statement did. An expression, not a statement.
-- Takes: nothing. Returns: i, u or d. Reads and writes: nothing.
CASE WHEN TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN 'i'::pg_catalog."char"
     WHEN TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN 'u' ELSE 'd' END
