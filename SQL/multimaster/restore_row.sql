-- Writes a version of a row again, as an application would: it is captured, and travels as a new change.
-- Takes: {table}, {columns}, {parameters} their values, {conflict} what is done where the row is there, or nothing. Returns: nothing.
-- Reads and writes: the table.
INSERT INTO {table} AS t ({columns}) OVERRIDING SYSTEM VALUE VALUES ({parameters}){conflict}
