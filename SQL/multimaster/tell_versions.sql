-- Tells which versions the table shows of the rows that a batch simply wrote.
-- Takes: {versions}, {keys} k1, k2, …; {stage}; {flag}, {origin}, {txid}, {micros} its columns; {is_plain} the condition on s; {staged_keys} the key
-- columns of s; {more} further columns, and {more_values} theirs; $1 what the sender had seen, $2 this node's
-- snapshot when the rows were looked up. Returns: nothing. Reads: the stage. Writes: the versions.
INSERT INTO switchback.{versions} ({keys}, origin, txid, at, alive, context, as_of{more})
SELECT {staged_keys}, s.{origin}, s.{txid}, to_timestamp(s.{micros} / 1000000.0), s.{flag}, $1::jsonb, $2::pg_snapshot{more_values}
  FROM {stage} AS s WHERE {is_plain}
