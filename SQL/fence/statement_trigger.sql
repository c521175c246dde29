-- Makes a table read-only to applications.
-- Takes: {table}, {function}, {node} and {sync} as literals, for the message. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_fence BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION switchback.{function}({node}, {sync});
