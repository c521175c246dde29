-- Tells who this database is and what Switchback may do in it.
-- Takes: nothing. Returns: one row: system identifier, database oid, timeline, version number, version text, whether the
-- server is in recovery, max_prepared_transactions, the server's clock, whether the schema exists, whether it is
-- installed, whether we may create it, whether we may become replica, our role, the database's name, large objects' number (capped),
-- the database's lc_monetary (not the session's, which is always C), whether we may make objects in the schema and
-- temporary tables, whether it was our installer that made the schema.
-- Reads: the server. Writes: nothing.
SELECT (SELECT system_identifier::text FROM pg_control_system()),
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
       -- Of the log, where there is one to write to: after a promotion the control file lags behind for a while.
       CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id::bigint FROM pg_control_checkpoint())
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END,
       current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery(),
       current_setting('max_prepared_transactions')::int, clock_timestamp(),
       to_regnamespace('switchback') IS NOT NULL, EXISTS (SELECT FROM pg_class WHERE relname = 'migration' AND relnamespace = to_regnamespace('switchback')),
       has_database_privilege(current_database(), 'CREATE'),
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
           OR has_parameter_privilege('session_replication_role', 'SET'),
       current_user, current_database(),
       (SELECT count(*) FROM (SELECT FROM pg_largeobject_metadata LIMIT 1000) AS objects),
       (SELECT reset_val FROM pg_settings WHERE name = 'lc_monetary'),
       (SELECT has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE')
          FROM pg_namespace WHERE nspname = 'switchback'),
       has_database_privilege(current_database(), 'TEMPORARY'),
       (SELECT pg_has_role(nspowner, 'USAGE') AND obj_description(oid, 'pg_namespace') LIKE 'Switchback%'
          FROM pg_namespace WHERE nspname = 'switchback')
