-- Lists Bucardo's settings, but for those that hold a password.
-- Takes: nothing. Returns: one row each: name, value, the value it began with where that is known, the sync or relation it is
-- for, null for all.
-- Reads: bucardo.bucardo_config. Writes: nothing. The beginning value, which came later, is looked up by name.
SELECT c.name, c.setting, to_jsonb(c) ->> 'defval' AS original, c.type, c.item
  FROM bucardo.bucardo_config AS c
 WHERE c.name NOT LIKE '%pass%'
 ORDER BY c.type, c.item, c.name
