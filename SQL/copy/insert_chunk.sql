-- Inserts the rows of a chunk that clash with nothing. A row that clashes was changed since the stream began, and so was
-- the row that it clashes with: the stream brings the state of both.
-- Takes: {table}, {columns}, {stage}, {staged}, {target}, {joins} from s to t, {on_conflict}. Returns: nothing. Reads: the stage. Writes: the table.
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {staged} FROM {stage} AS s WHERE NOT EXISTS (SELECT FROM {target} AS t WHERE {joins}) {on_conflict}
