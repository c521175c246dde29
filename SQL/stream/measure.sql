-- Measures the changed rows of a table whose rows may be large, as they are stored, to see whether they can be held.
-- Takes: {keys} k1, k2, …; {delta_a}, {delta_b}; {window} the condition on txid; {table}; {joins} from d to t; {bytes} the sum
-- of the columns' sizes; {limit} rows beyond which they are too many anyway. Returns: one row: rows, bytes.
-- Reads: the delta tables, the table. Writes: nothing.
SELECT count(*), coalesce(sum(bytes), 0)
  FROM (SELECT {bytes} AS bytes
          FROM (SELECT DISTINCT {keys}
                  FROM (SELECT {keys} FROM switchback.{delta_a} WHERE {window}
                        UNION ALL
                        SELECT {keys} FROM switchback.{delta_b} WHERE {window}) AS delta) AS d
          JOIN {table} AS t ON {joins}
         LIMIT {limit}) AS sizes
