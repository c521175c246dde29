-- Records that a sync does not capture a table here any more.
-- Takes: {sync}, {id} as literals. Returns: nothing. Reads: nothing. Writes: sync_table.
DELETE FROM switchback.sync_table WHERE sync = {sync} AND table_id = {id}
