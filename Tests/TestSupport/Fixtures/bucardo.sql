-- The tables of a Bucardo 5.6 control database that say how it is configured: names and types of its columns, and no code.
-- Tests of the migration fill them.
CREATE SCHEMA bucardo;
SET search_path = bucardo;

CREATE TABLE bucardo_config (
    name text NOT NULL, setting text NOT NULL, defval text, about text, type text, item text,
    cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE db (
    name text PRIMARY KEY, dbdsn text NOT NULL DEFAULT '', dbtype text NOT NULL DEFAULT 'postgres', dbhost text DEFAULT '',
    dbport text DEFAULT '', dbname text, dbuser text, dbpass text, dbconn text NOT NULL DEFAULT '',
    dbservice text DEFAULT '', pgpass text, status text NOT NULL DEFAULT 'active',
    server_side_prepares boolean NOT NULL DEFAULT true, makedelta boolean NOT NULL DEFAULT false,
    cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE dbgroup (name text PRIMARY KEY, about text, cdate timestamptz NOT NULL DEFAULT now());
CREATE TABLE dbmap (
    db text NOT NULL REFERENCES db, dbgroup text NOT NULL REFERENCES dbgroup, priority smallint NOT NULL DEFAULT 0,
    role text NOT NULL DEFAULT 'target', cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE goat (
    id serial PRIMARY KEY, db text NOT NULL REFERENCES db, schemaname text NOT NULL, tablename text NOT NULL,
    reltype text NOT NULL DEFAULT 'table', pkey text, qpkey text, pkeytype text, has_delta boolean NOT NULL DEFAULT false,
    autokick boolean, conflict_strategy text, makedelta text, rebuild_index smallint, ghost boolean NOT NULL DEFAULT false,
    analyze_after_copy boolean NOT NULL DEFAULT true, vacuum_after_copy boolean NOT NULL DEFAULT true,
    strict_checking boolean NOT NULL DEFAULT true, delta_bypass boolean NOT NULL DEFAULT false, delta_bypass_min bigint,
    delta_bypass_count bigint, delta_bypass_percent smallint, cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE herd (name text PRIMARY KEY, about text, cdate timestamptz NOT NULL DEFAULT now());
CREATE TABLE herdmap (
    herd text NOT NULL REFERENCES herd, goat integer NOT NULL REFERENCES goat, priority smallint NOT NULL DEFAULT 0,
    cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sync (
    name text PRIMARY KEY, herd text REFERENCES herd, dbs text REFERENCES dbgroup, stayalive boolean NOT NULL DEFAULT true,
    kidsalive boolean NOT NULL DEFAULT true, conflict_strategy text NOT NULL DEFAULT 'bucardo_latest',
    copyextra text NOT NULL DEFAULT '', deletemethod text NOT NULL DEFAULT 'delete', autokick boolean NOT NULL DEFAULT true,
    checktime interval, status text NOT NULL DEFAULT 'active', rebuild_index smallint NOT NULL DEFAULT 0,
    priority smallint NOT NULL DEFAULT 0, analyze_after_copy boolean NOT NULL DEFAULT true,
    vacuum_after_copy boolean NOT NULL DEFAULT false, strict_checking boolean NOT NULL DEFAULT true,
    overdue interval NOT NULL DEFAULT '0 seconds', expired interval NOT NULL DEFAULT '0 seconds',
    track_rates boolean NOT NULL DEFAULT false, onetimecopy smallint NOT NULL DEFAULT 0, lifetime interval,
    maxkicks integer NOT NULL DEFAULT 0, isolation_level text, cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE customcode (
    id serial PRIMARY KEY, name text NOT NULL UNIQUE, about text, whenrun text NOT NULL, getdbh boolean NOT NULL DEFAULT true,
    src_code text NOT NULL, status text NOT NULL DEFAULT 'active', priority smallint NOT NULL DEFAULT 0,
    cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE customcode_map (
    code integer NOT NULL REFERENCES customcode, sync text REFERENCES sync, goat integer REFERENCES goat,
    active boolean NOT NULL DEFAULT true, priority smallint NOT NULL DEFAULT 0, cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE customname (
    id serial PRIMARY KEY, goat integer NOT NULL REFERENCES goat, newname text, db text REFERENCES db,
    sync text REFERENCES sync, cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE customcols (
    id serial PRIMARY KEY, goat integer NOT NULL REFERENCES goat, clause text, db text REFERENCES db,
    sync text REFERENCES sync, cdate timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE bucardo_custom_trigger (
    id serial PRIMARY KEY, goat integer NOT NULL REFERENCES goat, trigger_name text NOT NULL, trigger_type text NOT NULL,
    trigger_language text NOT NULL DEFAULT 'plpgsql', trigger_body text NOT NULL, trigger_level text NOT NULL,
    status text NOT NULL DEFAULT 'active', cdate timestamptz NOT NULL DEFAULT now()
);

INSERT INTO bucardo_config (name, setting, defval) VALUES
    ('bucardo_version', '5.6.0', '5.6.0'), ('bucardo_initial_version', '5.6.0', '5.6.0'),
    ('default_conflict_strategy', 'bucardo_latest', 'bucardo_latest'), ('log_level', 'normal', 'normal'),
    ('email_auth_pass', '', '');
RESET search_path;
