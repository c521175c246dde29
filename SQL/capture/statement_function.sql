-- Captures a statement: one delta for each row of its transition table, which is called changed.
-- Takes: {function}, {delta_a}, {delta_b}, {keys} the key columns of changed. Returns: a trigger function, for AFTER
-- STATEMENT triggers. It runs as Switchback's role, so that applications need no grants on the delta tables; all names
-- in it are qualified, so that their search_path does not matter.
-- Reads: changed. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $capture$
#variable_conflict use_variable
DECLARE
    -- Null when no row was touched by this transaction so far.
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text::pg_catalog.int8;
    moment pg_catalog.timestamptz := pg_catalog.clock_timestamp();
BEGIN
    IF transaction_number IS NULL THEN
        RETURN NULL;
    END IF;
    IF (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0 THEN
        INSERT INTO switchback.{delta_a} SELECT transaction_number, moment, {keys} FROM changed;
    ELSE
        INSERT INTO switchback.{delta_b} SELECT transaction_number, moment, {keys} FROM changed;
    END IF;
    IF FOUND THEN
        PERFORM switchback.ring();
    END IF;
    RETURN NULL;
END $capture$;
