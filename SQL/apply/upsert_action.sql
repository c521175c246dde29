-- What upsert does with an existing row.
-- Takes: {assignments}, {existing}, {incoming}. Returns: nothing. Reads and writes: the table.
DO UPDATE SET {assignments} WHERE ROW({existing})::record OPERATOR(pg_catalog.*<>) ROW({incoming})::record
