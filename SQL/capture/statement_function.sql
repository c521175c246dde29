-- Captures a statement: the keys of the rows of its transition table, which is called changed.
-- Takes: {function}; {write_a}, {write_b} capture/statement_write for each of the two delta tables, for a static name lets a
-- session keep the plan; {settings} further settings of the function or nothing.
-- Returns: a trigger function, for AFTER STATEMENT triggers. It runs as Switchback's role, so that applications need no
-- grants on the delta tables; all names and operators in it are qualified, so that their search_path does not matter (CASE x
-- WHEN y would look for an = in it). Variables are few, for each, a constant too, is worked out at every call.
-- Reads: changed. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
#variable_conflict use_variable
DECLARE
    -- A transaction without a number has changed no row; a null one leads to an insertion that finds none.
    transaction_number CONSTANT pg_catalog.int8 :=
        pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text::pg_catalog.int8;
    captured_rows pg_catalog.int4;
    has_rung pg_catalog.bool;
BEGIN
    IF (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0 THEN
        {write_a}
    ELSE
        {write_b}
    END IF;
    -- Null is not nothing: the first insertion had taken rows, and the next found none left.
    IF captured_rows OPERATOR(pg_catalog.=) 0 THEN
        RETURN NULL;
    END IF;
    -- What the doorbell does when nobody waits for it, without a call.
    IF NOT pg_catalog.pg_try_advisory_xact_lock_shared(1398227523, 1)
        OR pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off'
    THEN
        has_rung := switchback.ring();
    END IF;
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
