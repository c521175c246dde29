-- Empties a table that is copied again, but for rows that this node changed itself and of which some receiver has not confirmed the change, or is to
-- read it once more for a table that came later: it would be sent their deletion.
-- Takes: {target}; {changed} the query for what was changed here, as d, {joins} from d to t; {id} the table's. Returns: nothing. Reads: receiver,
-- hold, sync_table, the delta tables. Writes: the table.
WITH needed AS (
    SELECT r.sync, r.acknowledged AS snapshot FROM switchback.receiver AS r
    UNION ALL
    SELECT h.sync, h.snapshot FROM switchback.hold AS h WHERE h.reason = 'copy'
)
DELETE FROM {target} AS t
 WHERE NOT EXISTS (
    SELECT FROM ({changed}) AS d
     WHERE {joins}
       AND EXISTS (SELECT FROM needed AS n
                     JOIN switchback.sync_table AS s ON s.sync = n.sync AND s.table_id = {id}
                    WHERE NOT pg_visible_in_snapshot(d.txid::text::xid8, n.snapshot)))
