-- The keys of the changes of one table in a window, each as often as it was changed.
-- Takes: {delta_a}, {delta_b}; {keys} the arrays taken apart, as k1, k2, …; {window} the condition on txid.
-- Returns: k1, k2, …. Reads: the delta tables. Writes: nothing.
SELECT {keys} FROM switchback.{delta_a} WHERE {window}
UNION ALL
SELECT {keys} FROM switchback.{delta_b} WHERE {window}
