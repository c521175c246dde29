-- Captures a statement: the keys of the rows of its transition table, which is called changed.
-- Takes: {function}, {delta_a}, {delta_b}; {elements} the key columns of changed as k1, k2, …; {aggregates} arrays of them;
-- {settings} further settings of the function or nothing. Returns: a trigger function, for AFTER STATEMENT triggers. It runs
-- as Switchback's role, so that applications need no grants on the delta tables; all names and operators in it are
-- qualified, so that their search_path does not matter (CASE x WHEN y would look for an = in it). Arrays are kept well
-- below what a value may take.
-- Reads: changed. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
#variable_conflict use_variable
DECLARE
    array_rows CONSTANT pg_catalog.int4 := 100000;
    -- A transaction without a number has changed no row, and a statement that changed none leaves it without one.
    transaction_number CONSTANT pg_catalog.int8 :=
        pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text::pg_catalog.int8;
    operation CONSTANT pg_catalog."char" :=
        CASE WHEN TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN 'i'
             WHEN TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN 'u' ELSE 'd' END;
    captured_rows pg_catalog.int4;
    has_rung pg_catalog.bool;
BEGIN
    IF transaction_number IS NULL THEN
        RETURN NULL;
    END IF;
    -- One statement does for all but bulk: finding out beforehand how many rows there are would cost another.
    IF (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0 THEN
        INSERT INTO switchback.{delta_a}
        SELECT transaction_number, pg_catalog.clock_timestamp(), operation, pg_catalog.count(*), {aggregates}
          FROM (SELECT {elements} FROM changed LIMIT array_rows) AS c
        HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0
        RETURNING rows INTO captured_rows;
        IF captured_rows OPERATOR(pg_catalog.=) array_rows THEN
            INSERT INTO switchback.{delta_a}
            SELECT transaction_number, pg_catalog.clock_timestamp(), operation, pg_catalog.count(*), {aggregates}
              FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) array_rows AS part
                      FROM (SELECT * FROM changed OFFSET array_rows) AS changed) AS c
             GROUP BY part;
        END IF;
    ELSE
        INSERT INTO switchback.{delta_b}
        SELECT transaction_number, pg_catalog.clock_timestamp(), operation, pg_catalog.count(*), {aggregates}
          FROM (SELECT {elements} FROM changed LIMIT array_rows) AS c
        HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0
        RETURNING rows INTO captured_rows;
        IF captured_rows OPERATOR(pg_catalog.=) array_rows THEN
            INSERT INTO switchback.{delta_b}
            SELECT transaction_number, pg_catalog.clock_timestamp(), operation, pg_catalog.count(*), {aggregates}
              FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) array_rows AS part
                      FROM (SELECT * FROM changed OFFSET array_rows) AS changed) AS c
             GROUP BY part;
        END IF;
    END IF;
    IF captured_rows IS NOT NULL THEN
        has_rung := switchback.ring();
    END IF;
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
