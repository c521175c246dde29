-- The keys of the changes of one table in a window, with the transaction and time of each.
-- Takes: {delta_a}, {delta_b}; {keys} the arrays taken apart, as k1, k2, …; {window} the condition on txid; {more} further columns.
-- Returns: k1, k2, …, txid, at, number, and those. Reads: the delta tables. Writes: nothing.
SELECT {keys}, txid, at, number{more} FROM switchback.{delta_a} WHERE {window}
UNION ALL
SELECT {keys}, txid, at, number{more} FROM switchback.{delta_b} WHERE {window}
