-- Reads the staged versions that are to be settled, each value in its type's text form, some at a time.
-- Takes: {stage}; {flag}, {origin}, {txid}, {micros}, {context}, {is_chosen} the condition on s; {columns} the others as text; {key_columns} the key's
-- of s; {more} further ones, with what stands before them. Returns: whether the row is there, origin, txid, microseconds, what else had been seen,
-- those, the columns, and the place of the first version of the same key. Reads: the stage. Writes: nothing.
SELECT s.{flag}, s.{origin}, s.{txid}, s.{micros}, s.{context}{more}, {columns}, min(s.ctid) OVER (PARTITION BY {key_columns})
  FROM {stage} AS s WHERE {is_chosen}
