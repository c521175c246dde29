-- Lets rows out of quarantine, and of the stage, that the table shows: an application wrote them anew, and they are what that says.
-- Takes: {sync}, {schema}, {table_name} as literals; {stage}; {target}, {joins} from s to t; {same_key} the condition that q has the key of
-- s. Returns: nothing. Reads: the table. Writes: the stage, quarantine.
WITH shown AS (DELETE FROM {stage} AS s USING {target} AS t WHERE {joins} RETURNING s.*)
DELETE FROM switchback.quarantine AS q USING shown AS s
 WHERE q.sync = {sync} AND q.schema_name = {schema} AND q.table_name = {table_name} AND {same_key}
