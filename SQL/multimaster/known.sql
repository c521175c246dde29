-- Reads what a node of a sync with links knows: of each source what that had seen, and of itself.
-- Takes: $1 the sync. Returns: node, what it had seen, whether it is this one, its identity or null, this node's number of the running
-- transaction or null. Reads: knowledge, node. Writes: nothing.
SELECT k.node, k.seen::text, k.node = n.name, k.identity, pg_current_xact_id_if_assigned()::text
  FROM switchback.knowledge AS k, switchback.node AS n WHERE k.sync = $1
