-- Makes the schema. Its comment tells that it was the installer who made it, who therefore takes it away again; one that an
-- administrator made beforehand stays.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE SCHEMA switchback;
COMMENT ON SCHEMA switchback IS 'Switchback: what this node keeps about its part in replication';
