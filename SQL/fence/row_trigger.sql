-- Makes the partitions of a table read-only to applications, also those that are made later: row triggers are cloned.
-- Takes: {table}, {function}, {node} and {sync} as literals, for the message. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE OR REPLACE TRIGGER switchback_fence_row BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION switchback.{function}({node}, {sync});
