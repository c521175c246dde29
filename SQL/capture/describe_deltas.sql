-- Has a delta table say what it holds the deltas of.
-- Takes: {delta} the name, {comment}. Returns: nothing. Reads: nothing. Writes: the catalogue.
COMMENT ON TABLE switchback.{delta} IS {comment};
