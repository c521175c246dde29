-- Tells how much of one table lies in a window, and of what kind.
-- Takes: {delta_a}, {delta_b}; {window} the condition on txid. Returns: one row: changes of rows, whether all of them are
-- insertions, whether some are deletions. Reads: the delta tables. Writes: nothing.
SELECT coalesce(sum(rows), 0), coalesce(bool_and(op = 'i'), false), coalesce(bool_or(op = 'd'), false)
  FROM (SELECT rows, op FROM switchback.{delta_a} WHERE {window}
        UNION ALL
        SELECT rows, op FROM switchback.{delta_b} WHERE {window}) AS delta
