-- History and quarantine of rows whose keys are nearly as long as an index takes: the key beside the names of sync and table is longer.

-- Takes: the values of a key, as texts. Returns: a digest of them. Immutable, for how an array of texts looks as text depends on no setting.
-- Reads: nothing. Writes: nothing.
CREATE FUNCTION switchback.key_digest(key_values text[]) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT sha256(convert_to(key_values::text, 'UTF8')) $$;

-- The constraints have the names that the server gave them.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN SELECT conrelid::regclass AS relation, conname FROM pg_constraint
                WHERE conrelid IN ('switchback.conflict'::regclass, 'switchback.quarantine'::regclass) AND contype = 'u'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', old.relation, old.conname);
    END LOOP;
END $$;

CREATE UNIQUE INDEX conflict_version
    ON switchback.conflict (sync, schema_name, table_name, switchback.key_digest(key_values), loser_origin, loser_txid);
CREATE UNIQUE INDEX quarantine_row
    ON switchback.quarantine (sync, schema_name, table_name, switchback.key_digest(key_values));

-- What is held is decided row by row, and the history can be long.
CREATE INDEX conflict_held ON switchback.conflict (sync, schema_name, table_name) WHERE held;

REVOKE ALL ON FUNCTION switchback.key_digest(text[]) FROM PUBLIC;
