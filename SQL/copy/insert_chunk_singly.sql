-- Inserts the rows of a chunk one by one, those left out that clash with something: where the other statement cannot be
-- used, for a table has both a constraint that a row clashes with and a deferrable one.
-- Takes: {table}, {columns}, {stage}, {staged} the columns of s, {target}, {joins} from s to t. Returns: nothing.
-- Reads: the stage. Writes: the table.
DO $insert$
DECLARE
    place tid;
BEGIN
    FOR place IN SELECT s.ctid FROM {stage} AS s LOOP
        BEGIN
            INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
            SELECT {staged} FROM {stage} AS s
             WHERE s.ctid = place AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joins});
        EXCEPTION WHEN unique_violation OR exclusion_violation THEN
            NULL;
        END;
    END LOOP;
END $insert$
