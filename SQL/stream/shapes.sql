-- Tells the shapes of tables.
-- Takes: $1 their oids. Returns: oid, shape. Reads: what shape() reads. Writes: nothing.
SELECT relation, switchback.shape(relation) FROM unnest($1::oid[]) AS relation
