-- Lists the databases that a Bucardo knows. Passwords stay where they are: it says only whether there is one.
-- Takes: nothing. Returns: one row a database: its name in Bucardo, its kind, what leads there (a DSN of Perl's DBI, host,
-- port, database, user, more words, service, password file), whether a password is kept, its status, whether statements are
-- prepared at the server, whether what arrives there goes on to other syncs.
-- Reads: bucardo.db. Writes: nothing. Columns that came with later versions of Bucardo are looked up by name.
SELECT d.name, d.dbtype, to_jsonb(d) ->> 'dbdsn' AS dbdsn, d.dbhost, d.dbport, d.dbname, d.dbuser, d.dbconn,
       d.dbservice, d.pgpass, coalesce(d.dbpass, '') <> '' AS has_password, d.status, d.server_side_prepares,
       to_jsonb(d) ->> 'makedelta' AS makedelta
  FROM bucardo.db AS d
 ORDER BY d.cdate, d.name
