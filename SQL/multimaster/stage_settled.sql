-- Puts into the stage what the table is to show of a row that was settled.
-- Takes: {stage}, {flag}, {settled}, {done} its value, {columns}, {parameters} the values. $1 is whether the row is there. Returns: nothing.
-- Reads: nothing. Writes: the stage.
INSERT INTO {stage} ({flag}, {settled}, {columns}) VALUES ($1, {done}, {parameters})
