-- Lists the functions that could settle conflicts: those that take what such a function is given and return jsonb.
-- Takes: nothing. Returns: schema, name, whether it is IMMUTABLE, a fingerprint of its definition. Reads: pg_proc.
-- Writes: nothing.
SELECT n.nspname, p.proname, p.provolatile = 'i', md5(concat_ws('|', l.lanname, p.proisstrict, p.prosrc, p.probin, pg_get_function_sqlbody(p.oid)))
  FROM pg_proc AS p
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_language AS l ON l.oid = p.prolang
 WHERE p.prorettype = 'jsonb'::regtype AND p.prokind = 'f' AND NOT p.proretset
   AND oidvectortypes(p.proargtypes) = 'text, jsonb, jsonb, jsonb, jsonb'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
