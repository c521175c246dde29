-- Captures a key change: the key that a row had before. The key it has now is captured with the statement.
-- Takes: {function}, {delta_a}, {delta_b}, {old_keys} as arrays of one element, {moment} and {order} as
-- in capture/statement_write, {settings}. Returns: a trigger function, for
-- an AFTER UPDATE ROW trigger that fires only where the key differs. Reads: OLD. Writes: one of the two delta tables.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
#variable_conflict use_variable
DECLARE
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    moment pg_catalog.timestamptz := {moment};
BEGIN
    IF (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0 THEN
        INSERT INTO switchback.{delta_a} VALUES (transaction_number, moment, 'd', 1, {order}{old_keys});
    ELSE
        INSERT INTO switchback.{delta_b} VALUES (transaction_number, moment, 'd', 1, {order}{old_keys});
    END IF;
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
