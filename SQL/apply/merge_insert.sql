-- Inserts the staged rows that are not there.
-- Takes: {table}, {target} the table with ONLY where it has inheritance children, {stage}, {columns}, {staged} the columns
-- of s, {alive} whether s is there, {joins} from s to t. Returns: nothing. Reads: the stage. Writes: the table.
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {staged} FROM {stage} AS s
 WHERE {alive} AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joins})
