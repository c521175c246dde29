-- Notes a chunk that is to be copied: blocks of one part, from the first to the end, or to the part's end where it is null.
-- Takes: $1 sync, $2 source, $3 schema, $4 table, $5 part, $6 first block, $7 end block, $8 file, zero for none. Returns: nothing.
-- Reads: nothing. Writes: copy_chunk.
INSERT INTO switchback.copy_chunk (sync, source, schema_name, table_name, part, first_block, end_block, file_node)
VALUES ($1, $2, $3, $4, $5::oid, $6::bigint, $7::bigint, $8::oid)
