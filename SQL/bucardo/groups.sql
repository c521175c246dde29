-- Lists Bucardo's groups of databases with their members and the role of each.
-- Takes: nothing. Returns: one row a member: group, database, role; a group without members has one row with nulls.
-- Reads: bucardo.dbgroup, bucardo.dbmap. Writes: nothing.
SELECT g.name, m.db, m.role
  FROM bucardo.dbgroup AS g
  LEFT JOIN bucardo.dbmap AS m ON m.dbgroup = g.name
 ORDER BY g.name, array_position(ARRAY['source', 'target', 'fullcopy'], m.role), m.priority DESC, m.db
