-- Records who this node is.
-- Takes: {cluster}, {name}, {system_identifier}, {database_oid} as literals. Returns: nothing. Reads: nothing. Writes: node.
INSERT INTO switchback.node (cluster, name, system_identifier, database_oid)
VALUES ({cluster}, {name}, {system_identifier}, {database_oid})
