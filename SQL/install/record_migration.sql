-- Records a migration, in its own transaction.
-- Takes: {version}, {name} as literals. Returns: nothing. Reads: nothing. Writes: migration.
INSERT INTO switchback.migration (version, name) VALUES ({version}, {name})
