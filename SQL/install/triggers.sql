-- Lists Switchback's triggers, without those that are clones of a partitioned table's.
-- Takes: nothing. Returns: the table's oid, its schema and name, the trigger's name, in which roles it fires (O, A, D or R),
-- its function, and the number of the replicated table that it was made for.
-- Reads: pg_trigger, pg_class, pg_namespace, pg_proc. Writes: nothing.
SELECT t.tgrelid, n.nspname, c.relname, t.tgname, t.tgenabled, p.proname,
       substring(p.proname from '^(?:capture|fence)_([0-9]+)')
  FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_proc AS p ON p.oid = t.tgfoid
 WHERE t.tgname LIKE 'switchback\_%' AND t.tgparentid = 0 AND p.pronamespace = to_regnamespace('switchback')
 ORDER BY n.nspname, c.relname, t.tgname
