-- Captures one row: its key after the change, and its key before when that was another or the row is gone.
-- Takes: {function}, {delta_a}, {delta_b}, {old_keys} and {new_keys} as arrays of one element, {same_key} (a condition on
-- OLD and NEW), {settings}. Returns: a trigger function, for AFTER ROW triggers. Row triggers are used where statement
-- triggers would miss rows: partitioned tables (a row trigger is cloned to every partition, also to ones made later) and
-- inheritance.
-- Reads: OLD, NEW. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
#variable_conflict use_variable
DECLARE
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    moment pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    in_a pg_catalog.bool :=
        (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0;
    operation pg_catalog."char";
    key_went pg_catalog.bool := TG_OP OPERATOR(pg_catalog.=) 'DELETE';
    has_rung pg_catalog.bool;
BEGIN
    IF TG_OP OPERATOR(pg_catalog.<>) 'DELETE' THEN
        operation := CASE WHEN TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN 'i' ELSE 'u' END;
        IF in_a THEN
            INSERT INTO switchback.{delta_a} VALUES (transaction_number, moment, operation, 1, {new_keys});
        ELSE
            INSERT INTO switchback.{delta_b} VALUES (transaction_number, moment, operation, 1, {new_keys});
        END IF;
    END IF;
    IF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN
        key_went := NOT ({same_key});
    END IF;
    IF key_went THEN
        IF in_a THEN
            INSERT INTO switchback.{delta_a} VALUES (transaction_number, moment, 'd', 1, {old_keys});
        ELSE
            INSERT INTO switchback.{delta_b} VALUES (transaction_number, moment, 'd', 1, {old_keys});
        END IF;
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
