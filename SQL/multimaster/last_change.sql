-- The last change of each row that was changed here in a window. A part of multimaster/versions_of.
-- Takes: {keys} k1, k2, …; {changed} the query for the changed keys, with txid, at and number. Returns: k1, k2, …, txid, at.
-- Reads: the delta tables. Writes: nothing.
SELECT DISTINCT ON ({keys}) {keys}, txid, at FROM ({changed}) AS delta ORDER BY {keys}, number DESC
