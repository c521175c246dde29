-- Inserts the rows of a chunk one by one, those left out that clash with something: where the other statement cannot be
-- used, for a table has both a constraint that a row clashes with and a deferrable one.
-- Takes: {table}, {columns}, {stage}, {staged} the columns of s, {target}, {joins} from s to t.
-- Returns: how many were inserted, in the setting switchback.inserted. Reads: the stage. Writes: the table.
DO $insert$
#variable_conflict use_variable
DECLARE
    switchback_row tid;
    switchback_count bigint := 0;
BEGIN
    FOR switchback_row IN SELECT s.ctid FROM {stage} AS s LOOP
        BEGIN
            INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
            SELECT {staged} FROM {stage} AS s
             WHERE s.ctid = switchback_row AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joins});
            IF FOUND THEN
                switchback_count := switchback_count + 1;
            END IF;
        EXCEPTION WHEN unique_violation OR exclusion_violation THEN
            NULL;
        END;
    END LOOP;
    PERFORM set_config('switchback.inserted', switchback_count::text, true);
END $insert$
