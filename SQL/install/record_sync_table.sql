-- Records that a sync captures a table here.
-- Takes: {sync}, {id} as literals. Returns: nothing. Reads: nothing. Writes: sync_table.
INSERT INTO switchback.sync_table (sync, table_id) VALUES ({sync}, {id}) ON CONFLICT DO NOTHING
