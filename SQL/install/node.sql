-- Reads who this node was installed as.
-- Takes: nothing. Returns: cluster, name, system identifier, database oid. Reads: node. Writes: nothing.
SELECT cluster, name, system_identifier, database_oid FROM switchback.node
