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
    array_rows CONSTANT pg_catalog.int8 := 100000;
    changed_rows pg_catalog.int8;
    transaction_number pg_catalog.int8;
    moment pg_catalog.timestamptz;
    operation pg_catalog."char";
BEGIN
    SELECT pg_catalog.count(*) INTO changed_rows FROM changed;
    IF changed_rows OPERATOR(pg_catalog.=) 0 THEN
        RETURN NULL;
    END IF;
    transaction_number := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    moment := pg_catalog.clock_timestamp();
    operation := CASE WHEN TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN 'i'
                      WHEN TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN 'u' ELSE 'd' END;
    IF (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0 THEN
        IF changed_rows OPERATOR(pg_catalog.<=) array_rows THEN
            INSERT INTO switchback.{delta_a}
            SELECT transaction_number, moment, operation, changed_rows, {aggregates} FROM (SELECT {elements} FROM changed) AS c;
        ELSE
            INSERT INTO switchback.{delta_a}
            SELECT transaction_number, moment, operation, pg_catalog.count(*), {aggregates}
              FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) array_rows AS part
                      FROM changed) AS c
             GROUP BY part;
        END IF;
    ELSIF changed_rows OPERATOR(pg_catalog.<=) array_rows THEN
        INSERT INTO switchback.{delta_b}
        SELECT transaction_number, moment, operation, changed_rows, {aggregates} FROM (SELECT {elements} FROM changed) AS c;
    ELSE
        INSERT INTO switchback.{delta_b}
        SELECT transaction_number, moment, operation, pg_catalog.count(*), {aggregates}
          FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) array_rows AS part
                  FROM changed) AS c
         GROUP BY part;
    END IF;
    PERFORM switchback.ring();
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
