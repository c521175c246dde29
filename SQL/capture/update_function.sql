-- Captures an UPDATE with the columns that it changed. A row that has got another key is new under it, and all its columns
-- count as changed; so do those of every row while the table has other columns than it had at the installation.
-- Takes: {function}; {few_a}, {few_b} capture/changed_columns for each of the two delta tables; {many_a_literal}, {many_b_literal}
-- capture/changed_columns_many; {write_a}, {write_b} capture/statement_write; {columns} the names of the table's columns, as an
-- array; {settings} further settings of the function or nothing.
-- Returns: a trigger function, for an AFTER UPDATE STATEMENT trigger with both transition tables, before and changed.
-- Reads: before, changed, pg_attribute. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
#variable_conflict use_variable
DECLARE
    -- A transaction without a number has changed no row.
    transaction_number CONSTANT pg_catalog.int8 :=
        pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text::pg_catalog.int8;
    in_a CONSTANT pg_catalog.bool :=
        (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0;
    changed_rows pg_catalog.int8;
    captured_rows pg_catalog.int4;
    has_rung pg_catalog.bool;
BEGIN
    IF transaction_number IS NULL THEN
        RETURN NULL;
    END IF;
    changed_rows := (SELECT pg_catalog.count(*) FROM (SELECT FROM changed LIMIT 65) AS c);
    IF changed_rows OPERATOR(pg_catalog.=) 0 THEN
        RETURN NULL;
    END IF;
    IF ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid OPERATOR(pg_catalog.=) TG_RELID AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
              ORDER BY a.attnum)
        OPERATOR(pg_catalog.<>) {columns}
    THEN
        IF in_a THEN
            {write_a}
        ELSE
            {write_b}
        END IF;
    ELSIF changed_rows OPERATOR(pg_catalog.<) 65 THEN
        IF in_a THEN
            {few_a}
        ELSE
            {few_b}
        END IF;
    ELSIF in_a THEN
        EXECUTE {many_a_literal} USING transaction_number;
    ELSE
        EXECUTE {many_b_literal} USING transaction_number;
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
