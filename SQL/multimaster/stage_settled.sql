-- Puts into the stage what the table is to show of a row that was settled, with the version that it is.
-- Takes: {stage}, {flag}, {origin}, {txid}, {micros}, {settled}, {done} its value, {columns}, {parameters} the values. $1 is whether
-- the row is there, $2 to $4 who wrote it, in which transaction, when. Returns: nothing. Reads: nothing. Writes: the stage.
INSERT INTO {stage} ({flag}, {origin}, {txid}, {micros}, {settled}, {columns}) VALUES ($1, $2, $3, $4, {done}, {parameters})
