-- Reads one staged row, each value in its type's text form.
-- Takes: {stage}, {settled}, {columns} as text; {stamps} those of its columns, or null; $1 its place. Returns: whether it was settled, the stamps, the columns. Reads: the stage.
-- Writes: nothing.
SELECT s.{settled} IS DISTINCT FROM NULL, {stamps}, {columns} FROM {stage} AS s WHERE s.ctid = $1::tid
