-- Lists the Perl code that a Bucardo runs, without the code itself.
-- Takes: nothing. Returns: one row for each place where it is used: name, when it runs, whether it is in use there, the sync
-- or the number of the relation; code that is used nowhere has one row with nulls.
-- Reads: bucardo.customcode, bucardo.customcode_map. Writes: nothing.
SELECT c.name, c.whenrun, c.status = 'active' AND coalesce(m.active, true) AS is_active, m.sync, m.goat
  FROM bucardo.customcode AS c
  LEFT JOIN bucardo.customcode_map AS m ON m.code = c.id
 ORDER BY c.name, m.sync, m.goat
