-- Opens a batch: tells what the reading transaction's snapshot is and which tables have something to carry.
-- A delta table with nothing in it takes no page, and emptying one cannot hide a delta that some receiver still needs, so
-- its size tells which tables to look into, also with thousands of them. Transactions take turns with the two delta tables of a
-- table, some thousand numbers at a time: where the window lies within one turn, only one of the two can hold any of it.
-- Takes: $1 the ids of the stream's replicated tables, $2 and $3 the window: the first transaction past the cursor's
-- snapshot, and those that were running in it; $4 the sync.
-- Returns: first, with a null id, the snapshot, the server's clock, and the fingerprints of partitions and children and of
-- what the sync captures; then a row for each table that may have deltas: id, shape, bytes of delta, whether it was truncated,
-- whether it is to be carried whole, whether it may have large rows, about how many rows it has.
-- Reads: replicated_table, mark, what families() and captured() read, the sizes of delta tables. Writes: nothing.
WITH marks AS (
    SELECT table_id, bool_or(kind = 'truncate') AS truncated, bool_or(kind = 'whole') AS whole
      FROM switchback.mark
     WHERE (txid >= $2::bigint OR txid = ANY ($3::bigint[])) AND table_id = ANY ($1::int[])
     GROUP BY table_id
), turns AS MATERIALIZED (
    SELECT least($2::bigint, (SELECT min(running) FROM unnest($3::bigint[]) AS running)) >> 13 AS first,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint >> 13 AS last
), sized AS MATERIALIZED (
    SELECT id, relation,
           CASE WHEN first < last OR first & 1 = 0 THEN coalesce(pg_relation_size(delta_a), 0) ELSE 0 END
           + CASE WHEN first < last OR first & 1 = 1 THEN coalesce(pg_relation_size(delta_b), 0) ELSE 0 END AS bytes
      FROM unnest($1::int[]) AS wanted (id) JOIN switchback.replicated_table USING (id), turns
)
SELECT NULL::int, pg_current_snapshot()::text, clock_timestamp()::text, switchback.families(), switchback.captured($4), NULL::text, NULL::text
UNION ALL
SELECT s.id, switchback.shape(s.relation), s.bytes::text, coalesce(m.truncated, false)::text, coalesce(m.whole, false)::text,
       (c.relkind = 'p' OR (c.reltoastrelid <> 0 AND pg_relation_size(c.reltoastrelid) > 0))::text,
       CASE WHEN c.relpages > 0 THEN c.reltuples / c.relpages * pg_relation_size(c.oid) / 8192
            ELSE pg_relation_size(c.oid) / 100 END::bigint::text
  FROM sized AS s
  JOIN pg_class AS c ON c.oid = s.relation
  LEFT JOIN marks AS m ON m.table_id = s.id
 WHERE s.bytes > 0 OR m.truncated OR m.whole
