-- Removes the marks of a sync's tables that every receiver has passed.
-- Takes: $1 the sync. Returns: nothing. Reads: sync_table, receiver, hold. Writes: mark.
DELETE FROM switchback.mark AS m
 USING switchback.sync_table AS s, switchback.horizon(s.table_id) AS h
 WHERE s.sync = $1 AND m.table_id = s.table_id
   AND (h.passed_below IS NULL OR (m.txid < h.passed_below AND m.txid <> ALL (coalesce(h.except_for, '{}'))))
