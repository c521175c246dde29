-- Tells of which changes of one table, made at this node, its receivers have not confirmed that they have them, or are to read once more for a table
-- that came later.
-- Takes: {id} the table's; {delta_a}, {delta_b}. Returns: sync, receiver, how many changes; a row for each that lacks some. Reads: receiver, hold,
-- sync_table, the delta tables. Writes: nothing.
WITH needed AS (
    SELECT r.sync, r.receiver, r.acknowledged AS snapshot FROM switchback.receiver AS r
    UNION ALL
    SELECT h.sync, h.receiver, h.snapshot FROM switchback.hold AS h WHERE h.reason = 'copy'
)
SELECT n.sync, n.receiver, max(c.changes)
  FROM needed AS n
  JOIN switchback.sync_table AS s ON s.sync = n.sync AND s.table_id = {id}
 CROSS JOIN LATERAL (
    SELECT sum(d.rows) AS changes
      FROM (SELECT txid, rows FROM switchback.{delta_a} UNION ALL SELECT txid, rows FROM switchback.{delta_b}) AS d
     WHERE NOT pg_visible_in_snapshot(d.txid::text::xid8, n.snapshot)) AS c
 WHERE c.changes > 0
 GROUP BY n.sync, n.receiver
 ORDER BY n.sync, n.receiver
