-- Makes sure that tables are still as the engine's statements expect them.
-- Takes: $1 their oids, $2 their shapes. Returns: nothing; raises SB003. Reads: what shape() reads. Writes: nothing.
SELECT switchback.expect_shapes($1::oid[], $2::text[])
