-- Lists Bucardo's groups of tables and sequences, which it also calls herds.
-- Takes: nothing. Returns: one row a member: group, number of the relation; a group without members has one row with a null.
-- Reads: bucardo.herd, bucardo.herdmap, bucardo.goat. Writes: nothing.
SELECT h.name, m.goat, m.priority
  FROM bucardo.herd AS h
  LEFT JOIN bucardo.herdmap AS m ON m.herd = h.name
  LEFT JOIN bucardo.goat AS g ON g.id = m.goat
 ORDER BY h.name, g.schemaname, g.tablename, m.goat
