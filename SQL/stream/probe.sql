-- Looks whether one table has anything in the window, and whether it has much.
-- Takes: {delta_a}, {delta_b}; {window} the condition on txid; {limit}. Returns: one row: deltas, counted up to the limit.
-- Reads: the delta tables. Writes: nothing.
SELECT count(*)
  FROM (SELECT FROM switchback.{delta_a} WHERE {window}
        UNION ALL
        SELECT FROM switchback.{delta_b} WHERE {window}
        LIMIT {limit}) AS delta
