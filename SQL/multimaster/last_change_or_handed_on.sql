-- The last change of each row that was changed here in a window, or that arrived in it and is handed on: then without a transaction.
-- A part of multimaster/versions_of.
-- Takes: {keys} k1, k2, …; {changed} the query for the changed keys, with txid, at, number and op. Returns: k1, k2, …, txid, at.
-- Reads: the delta tables. Writes: nothing.
SELECT DISTINCT ON ({keys}) {keys}, CASE WHEN op <> 'f' THEN txid END AS txid, at
  FROM ({changed}) AS delta ORDER BY {keys}, op = 'f', number DESC
