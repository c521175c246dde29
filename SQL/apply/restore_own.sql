-- Gives rows that were taken out and put in again the columns back that do not travel.
-- Takes: {kept}, {target}, {joins} from s to t, {assignments} from s, {existing}, {incoming}. Returns: nothing.
-- Reads: the temporary table. Writes: the table.
UPDATE {target} AS t SET {assignments} FROM {kept} AS s
 WHERE {joins} AND ROW({existing})::record OPERATOR(pg_catalog.*<>) ROW({incoming})::record
