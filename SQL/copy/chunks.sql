-- Reads how far a stream's copy has come.
-- Takes: $1 sync, $2 source. Returns: schema, table, part, first block, end block, file, rows or null.
-- Reads: copy_chunk. Writes: nothing.
SELECT schema_name, table_name, part, first_block, end_block, file_node, rows
  FROM switchback.copy_chunk WHERE sync = $1 AND source = $2 ORDER BY schema_name, table_name, part, first_block
