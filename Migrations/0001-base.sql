-- The switchback schema: what a node keeps about its part in replication. There is no other place where state is kept.
-- The schema itself exists already: the installer makes it, or the database administrator did.

-- The migrations that have run, each once and in order.
CREATE TABLE switchback.migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Who this database is. A copy of the database (restored from a dump, cloned) differs in system_identifier or
-- database_oid and is noticed.
CREATE TABLE switchback.node (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    cluster text NOT NULL,
    name text NOT NULL,
    system_identifier text NOT NULL,
    database_oid bigint NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT now()
);

-- The replicated tables of this node. Deltas of table N are in delta_N_a and delta_N_b.
CREATE TABLE switchback.replicated_table (
    id integer PRIMARY KEY,
    relation oid NOT NULL UNIQUE,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    -- statement: triggers with transition tables; row: row triggers (partitioned and inherited tables);
    -- whole: no usable key, carried by full copy; null: not captured here.
    capture text CHECK (capture IN ('statement', 'row', 'whole')),
    key_columns text[] NOT NULL DEFAULT '{}',
    fenced boolean NOT NULL DEFAULT false,
    -- The partitions that hold the rows of a captured partitioned table, as far as the streams know of them.
    partitions oid[],
    delta_a oid,
    delta_b oid,
    -- Fingerprint of the objects that were made for the table; differs when they are out of date.
    fingerprint text NOT NULL
);

-- Which syncs capture which table here.
CREATE TABLE switchback.sync_table (
    sync text NOT NULL,
    table_id integer NOT NULL REFERENCES switchback.replicated_table ON DELETE CASCADE,
    PRIMARY KEY (sync, table_id)
);

-- Changes that are not of single rows: a TRUNCATE, or any change of a table that is carried by full copy.
CREATE TABLE switchback.mark (
    txid bigint NOT NULL,
    at timestamptz NOT NULL,
    table_id integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('truncate', 'whole'))
);
CREATE INDEX ON switchback.mark (txid);

-- At a source: how far each receiver has come, flushed to its disk. Deltas that all of them have passed are trimmed.
-- A receiver's batches are numbered on when its stream begins anew, so that word of an old batch is never taken for new.
CREATE TABLE switchback.receiver (
    sync text NOT NULL,
    receiver text NOT NULL,
    acknowledged pg_snapshot NOT NULL,
    batch bigint NOT NULL DEFAULT 0,
    acknowledged_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sync, receiver)
) WITH (fillfactor = 50);

-- At a source: keeps deltas that are not in the snapshot, for a copy or a comparison that needs them.
CREATE TABLE switchback.hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync text NOT NULL,
    receiver text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('copy', 'diff')),
    snapshot pg_snapshot NOT NULL,
    expires_at timestamptz
);

-- At a receiver: the cursor of each stream that ends here. It moves in the transaction that applies the batch.
CREATE TABLE switchback.cursor (
    sync text NOT NULL,
    source text NOT NULL,
    snapshot pg_snapshot NOT NULL,
    batch bigint NOT NULL DEFAULT 0,
    -- The batch that the stream was begun at. Before a later one its rows are not known to be of one moment.
    begun_batch bigint NOT NULL DEFAULT 0,
    -- The last batch that the source is known to have been told of. A source that knows less was restored.
    acknowledged_batch bigint NOT NULL DEFAULT 0,
    source_system_identifier text NOT NULL,
    source_database_oid bigint NOT NULL,
    source_timeline bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('copying', 'streaming')),
    as_of timestamptz NOT NULL,
    applied_at timestamptz,
    applied_rows bigint NOT NULL DEFAULT 0,
    paused boolean NOT NULL DEFAULT false,
    -- In a multi-master sync: what the source had seen of every node when the last batch was read, by the nodes' names.
    seen jsonb,
    error text,
    error_hint text,
    error_at timestamptz,
    PRIMARY KEY (sync, source)
) WITH (fillfactor = 50);

-- At a receiver: how each table joined its stream. since is set when the table must once be read from an older
-- snapshot than the cursor's.
CREATE TABLE switchback.table_state (
    sync text NOT NULL,
    source text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    state text NOT NULL CHECK (state IN ('copying', 'joined')),
    since pg_snapshot,
    joined_at timestamptz,
    PRIMARY KEY (sync, source, schema_name, table_name)
);

-- At a receiver: the chunks of a first copy, so that one that was interrupted goes on where it was.
CREATE TABLE switchback.copy_chunk (
    sync text NOT NULL,
    source text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    part oid NOT NULL,
    first_block bigint NOT NULL,
    end_block bigint,
    file_node oid NOT NULL,
    rows bigint,
    PRIMARY KEY (sync, source, schema_name, table_name, part, first_block)
);

-- In multi-master syncs: counts this node's changes, so that of several the last is known whatever its clock did; and what
-- stamps are never behind, in microseconds, where another node's clock is ahead of this one's.
CREATE SEQUENCE switchback.change;
CREATE SEQUENCE switchback.floor;

-- Takes: nothing. Returns: the time that a change is stamped with: the clock's, and never before a stamp that this node has
-- seen. A function in SQL, for it is written out where it is called. Reads: floor. Writes: nothing.
CREATE FUNCTION switchback.moment() RETURNS timestamptz
LANGUAGE sql VOLATILE
AS $$
    SELECT greatest(pg_catalog.clock_timestamp(),
                    pg_catalog.to_timestamp(pg_catalog.pg_sequence_last_value('switchback.floor') OPERATOR(pg_catalog./) 1000000.0))
$$;

-- Takes: the latest stamp of a batch, in microseconds. Returns: nothing. Reads: the clock. Writes: floor, where the stamp is
-- ahead of this node's clock; not undone by a rollback, which does no harm.
CREATE FUNCTION switchback.raise_floor(stamp bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF stamp > extract(epoch FROM clock_timestamp()) * 1000000
        AND stamp > coalesce(pg_sequence_last_value('switchback.floor'), 0)
    THEN
        PERFORM setval('switchback.floor', stamp);
    END IF;
END $$;

-- At the nodes of sites: the fence, which refuses what applications write while the node is not the active site's. What counts
-- is the sequence: twice the epoch, and one more while the fence is closed. A sequence is read as it is now, also by a
-- transaction whose snapshot is older than the closing. The row tells people why and since when.
CREATE SEQUENCE switchback.fence_state MINVALUE 0 START WITH 0;
CREATE TABLE switchback.fence (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    reason text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Takes: the epoch of whoever acts, whether applications are to be refused, and why. Returns: nothing. Raises SB004 when a
-- later epoch has been here: somebody acts who does not know what has happened since. Reads and writes: fence, fence_state.
CREATE FUNCTION switchback.set_fence(epoch bigint, closed boolean, why text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here bigint;
BEGIN
    -- One at a time: the row is there from the installation on.
    UPDATE switchback.fence SET reason = why, since = clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SB005', MESSAGE = 'no fence is installed here';
    END IF;
    here := coalesce(pg_sequence_last_value('switchback.fence_state'), 0) >> 1;
    IF epoch < here THEN
        RAISE EXCEPTION USING ERRCODE = 'SB004',
            MESSAGE = format('epoch %s is over: this node has seen epoch %s', epoch, here);
    END IF;
    PERFORM setval('switchback.fence_state', epoch * 2 + closed::int);
END $$;

-- In multi-master syncs: versions that lost against another that had not seen them, whole, and what won. A version loses
-- once: looking at it again adds nothing. Values are in the text form of their types; null for a row that was deleted.
CREATE TABLE switchback.conflict (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sync text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    rule text NOT NULL,
    -- Whether the rule leaves the decision to a person.
    held boolean NOT NULL,
    columns text[] NOT NULL,
    key_values text[] NOT NULL,
    winner_origin text NOT NULL,
    winner_txid bigint NOT NULL,
    winner_at timestamptz NOT NULL,
    winner_values text[],
    loser_origin text NOT NULL,
    loser_txid bigint NOT NULL,
    loser_at timestamptz NOT NULL,
    loser_values text[],
    UNIQUE (sync, schema_name, table_name, key_values, loser_origin, loser_txid)
);

-- In multi-master syncs: rows that are not shown here because a constraint of their table refuses them, whole, with the reason.
-- They are tried again when rows of the table come or go. key_values and row_values are in the text form of their types.
CREATE TABLE switchback.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sync text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    columns text[] NOT NULL,
    key_values text[] NOT NULL,
    row_values text[] NOT NULL,
    -- Who wrote the row in which transaction, and its stamp.
    origin text NOT NULL,
    txid bigint NOT NULL,
    stamp timestamptz NOT NULL,
    sqlstate text NOT NULL,
    constraint_name text,
    reason text NOT NULL,
    UNIQUE (sync, schema_name, table_name, key_values)
);

-- Row versions that were overwritten because they were different, whole. Values are in the text form of their types.
CREATE TABLE switchback.history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    sync text NOT NULL,
    source text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    reason text NOT NULL,
    columns text[] NOT NULL,
    row_values text[] NOT NULL
);

-- These are in PL/pgSQL, for a session plans them once; a function in SQL that fixes its search path is planned at every call.

-- Takes: a table's oid. Returns: a fingerprint of its columns, unique indexes, partitions and Switchback's triggers,
-- that differs after any change of these. Only fingerprints of one database can be compared.
-- Reads: pg_attribute, pg_index, pg_inherits, pg_trigger. Writes: nothing.
CREATE FUNCTION switchback.shape(relation oid) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT md5(concat_ws('|',
            (SELECT string_agg(concat_ws(',', attnum, attname, atttypid, atttypmod, attgenerated, attidentity, attnotnull), ';' ORDER BY attnum)
               FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped),
            (SELECT string_agg(concat_ws(',', indexrelid, indkey, indimmediate, indisvalid), ';' ORDER BY indexrelid)
               FROM pg_index WHERE indrelid = relation AND (indisunique OR indisexclusion)),
            (SELECT string_agg(inhrelid::text, ',' ORDER BY inhrelid) FROM pg_inherits WHERE inhparent = relation),
            (SELECT string_agg(concat_ws(',', tgname, tgenabled), ';' ORDER BY tgname)
               FROM pg_trigger WHERE tgrelid = relation AND tgname LIKE 'switchback%')))
    );
END $$;

-- Takes: nothing. Returns: a fingerprint of which tables are partitions and children of which; differs after any ATTACH,
-- DETACH or INHERIT. Reads: pg_inherits, pg_class. Writes: nothing.
CREATE FUNCTION switchback.families() RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT md5(string_agg(concat_ws(',', i.inhparent, i.inhrelid, i.inhdetachpending), ';' ORDER BY i.inhparent, i.inhrelid))
          FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         WHERE c.relkind IN ('r', 'p', 'f')
    );
END $$;

-- Takes: a sync. Returns: a fingerprint of which tables it captures here, and which of them are gone; null when it captures
-- none. Reads: sync_table, replicated_table, pg_class. Writes: nothing.
CREATE FUNCTION switchback.captured(sync text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        -- Added up, for a sum needs no order, and this is asked with every batch.
        SELECT concat_ws(',', count(*), count(c.oid), sum(hashint8extended(t.relation::bigint, t.id)))
          FROM switchback.sync_table AS s
          JOIN switchback.replicated_table AS t ON t.id = s.table_id
          LEFT JOIN pg_class AS c ON c.oid = t.relation
         WHERE s.sync = captured.sync
        HAVING count(*) > 0
    );
END $$;

-- Takes: a table. Returns: its partitions that hold rows, as the current snapshot has them; null when it is not
-- partitioned. Reads: pg_inherits, pg_class. Writes: nothing.
CREATE FUNCTION switchback.leaves(relation oid) RETURNS oid[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        WITH RECURSIVE tree (oid, relkind) AS (
            SELECT oid, relkind FROM pg_class WHERE oid = relation AND relkind = 'p'
            UNION ALL
            SELECT c.oid, c.relkind
              FROM tree JOIN pg_inherits AS i ON i.inhparent = tree.oid AND NOT i.inhdetachpending
              JOIN pg_class AS c ON c.oid = i.inhrelid
        )
        SELECT coalesce(array_agg(oid ORDER BY oid) FILTER (WHERE relkind <> 'p'), '{}') FROM tree HAVING count(*) > 0
    );
END $$;

-- Takes: a captured partitioned table's id. Returns: whether partitions had come or gone since the last time. Rows that
-- came with a partition, and those that went with one, are captured now: no trigger told of them. The partitions that came
-- get a trigger for TRUNCATE, where we may make one and nobody holds us up; otherwise the next installation makes it.
-- Reads: replicated_table, the partitions. Writes: replicated_table, the table's deltas, mark, the catalogue.
CREATE FUNCTION switchback.adopt_partitions(table_id integer) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    known switchback.replicated_table;
    leaves oid[];
    leaf oid;
    is_lost boolean := false;
BEGIN
    SELECT * INTO known FROM switchback.replicated_table WHERE id = adopt_partitions.table_id FOR UPDATE;
    leaves := switchback.leaves(known.relation);
    IF known.partitions IS NULL OR leaves IS NULL OR known.partitions = leaves THEN
        RETURN false;
    END IF;
    FOR leaf IN SELECT unnest(leaves) EXCEPT SELECT unnest(known.partitions) LOOP
        BEGIN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER switchback_capture_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT'
                ' EXECUTE FUNCTION switchback.%I()', leaf::regclass,
                'capture_' || known.id || CASE known.capture WHEN 'row' THEN '_partition' ELSE '_mark' END);
            BEGIN
                IF (SELECT tgenabled FROM pg_trigger
                     WHERE tgrelid = known.relation AND tgname = 'switchback_capture_truncate') = 'A' THEN
                    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER switchback_capture_truncate', leaf::regclass);
                END IF;
            EXCEPTION WHEN insufficient_privilege OR lock_not_available THEN
                NULL;
            END;
        EXCEPTION WHEN insufficient_privilege OR lock_not_available OR wrong_object_type THEN
            NULL;
        END;
    END LOOP;
    FOR leaf IN (SELECT unnest(leaves) EXCEPT SELECT unnest(known.partitions))
          UNION ALL (SELECT unnest(known.partitions) EXCEPT SELECT unnest(leaves)) LOOP
        IF known.capture = 'row' AND has_table_privilege(leaf, 'SELECT') THEN
            EXECUTE format('SELECT switchback.%I($1, $2)', 'capture_' || known.id || '_rows')
              USING leaf, CASE WHEN leaf = ANY (leaves) THEN 'u'::"char" ELSE 'd'::"char" END;
        ELSE
            -- It was dropped, or we may not read it.
            is_lost := true;
        END IF;
    END LOOP;
    IF is_lost THEN
        INSERT INTO switchback.mark (txid, at, table_id, kind)
        VALUES (pg_current_xact_id()::text::bigint, clock_timestamp(), known.id, 'whole');
    END IF;
    UPDATE switchback.replicated_table SET partitions = leaves WHERE id = known.id;
    RETURN true;
END $$;

-- Takes: tables and the fingerprints that the engine's statements were made for. Returns: nothing.
-- Raises SB003 when a table has changed since. Reads: what shape() reads. Writes: nothing.
CREATE FUNCTION switchback.expect_shapes(relations oid[], shapes text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed regclass;
BEGIN
    SELECT relation INTO changed FROM unnest(relations, shapes) AS expected (relation, shape)
     WHERE switchback.shape(relation) IS DISTINCT FROM shape LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SB003', MESSAGE = format('the definition of %s has changed', changed);
    END IF;
END $$;

-- Takes: a stream, the cursor it is expected to have, and the next. Returns: nothing. Raises SB001 when another engine
-- has moved the cursor, SB002 when the stream is paused or being copied. Reads and writes: cursor, one row, which stays
-- locked until the transaction ends.
CREATE FUNCTION switchback.advance(
    stream_sync text, stream_source text, expected_batch bigint, expected pg_snapshot, next pg_snapshot,
    next_as_of timestamptz, rows_in_batch bigint, next_seen jsonb
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cursor_now switchback.cursor;
BEGIN
    SELECT * INTO cursor_now FROM switchback.cursor WHERE sync = stream_sync AND source = stream_source FOR UPDATE;
    IF NOT FOUND OR cursor_now.batch <> expected_batch OR cursor_now.snapshot::text <> expected::text THEN
        RAISE EXCEPTION USING ERRCODE = 'SB001',
            MESSAGE = format('the cursor of %s from %s has moved', stream_sync, stream_source);
    END IF;
    IF cursor_now.paused OR cursor_now.state <> 'streaming' THEN
        RAISE EXCEPTION USING ERRCODE = 'SB002',
            MESSAGE = format('the stream of %s from %s is not to move now', stream_sync, stream_source);
    END IF;
    UPDATE switchback.cursor
       SET snapshot = next, batch = expected_batch + 1, as_of = next_as_of,
           applied_at = CASE WHEN rows_in_batch > 0 THEN clock_timestamp() ELSE applied_at END,
           applied_rows = applied_rows + rows_in_batch, seen = next_seen, error = NULL, error_hint = NULL, error_at = NULL
     WHERE sync = stream_sync AND source = stream_source;
END $$;

-- Takes: a table. Returns: the highest transaction number that every receiver of the table has passed, exclusive, and
-- the transactions below it that some receiver has not. Null when nobody needs anything.
-- Reads: receiver, hold, cursor, node, sync_table. Writes: nothing.
CREATE FUNCTION switchback.horizon(id integer, OUT passed_below bigint, OUT except_for bigint[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    WITH needed AS (
        SELECT receiver.acknowledged AS snapshot
          FROM switchback.receiver JOIN switchback.sync_table USING (sync) WHERE table_id = horizon.id
        UNION ALL
        SELECT hold.snapshot
          FROM switchback.hold JOIN switchback.sync_table USING (sync)
         -- Qualified: a hold has an id too, and that one would be meant.
         WHERE table_id = horizon.id AND (expires_at IS NULL OR expires_at > clock_timestamp())
        UNION ALL
        -- Between masters a delta also tells that a change which comes in had not seen ours: it is needed until every master
        -- sends what it sends with ours seen.
        SELECT coalesce((cursor.seen ->> node.name)::pg_snapshot, '1:1:'::pg_snapshot)
          FROM switchback.cursor JOIN switchback.sync_table USING (sync), switchback.node WHERE table_id = horizon.id
    )
    SELECT min(pg_snapshot_xmax(snapshot)::text::bigint),
           (SELECT array_agg(DISTINCT xip::text::bigint) FROM needed AS n, pg_snapshot_xip(n.snapshot) AS xip)
      INTO passed_below, except_for
      FROM needed;
END $$;

-- Takes: a replicated table's id and one of its delta tables. Returns: whether some receiver still needs a row of it.
-- Reads: receiver, hold, sync_table, the delta table. Writes: nothing.
CREATE FUNCTION switchback.is_needed(id integer, delta regclass) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- The index is the way in, whatever the planner thinks: it knows nothing of tables that come and go. What it thinks of
-- other ways would have it compile the plan, for longer than it takes.
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    horizon record;
    needed boolean;
BEGIN
    SELECT * INTO horizon FROM switchback.horizon(id);
    IF horizon.passed_below IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE txid >= $1 OR txid = ANY ($2))', delta)
       INTO needed USING horizon.passed_below, coalesce(horizon.except_for, '{}');
    RETURN needed;
END $$;

-- Takes: a replicated table's id and one of its delta tables. Returns: whether the delta table was emptied: all its rows
-- are passed by every receiver. Never waits: a delta table that a transaction is using is left for the next time.
-- Reads: receiver, hold, sync_table, the delta table. Writes: the delta table (TRUNCATE).
CREATE FUNCTION switchback.trim(id integer, delta regclass) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- First without a lock: that somebody needs it is the usual reason for leaving it, and finding that out must not
    -- stop those who write.
    IF switchback.is_needed(id, delta) THEN
        RETURN false;
    END IF;
    BEGIN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', delta);
    EXCEPTION WHEN lock_not_available THEN
        RETURN false;
    END;
    -- Whoever wrote to it has ended, and is seen now.
    IF switchback.is_needed(id, delta) THEN
        RETURN false;
    END IF;
    EXECUTE format('TRUNCATE %s', delta);
    RETURN true;
END $$;

-- Takes: a replicated table of a multi-master sync. Returns: how many versions were forgotten: those that every master has
-- seen, as what it last sent tells, and every receiver has been sent. What the table shows is then all there is to know.
-- Reads: cursor, quarantine, what horizon() reads. Writes: the table's versions.
CREATE FUNCTION switchback.forget_versions(sync text, id integer) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    horizon record;
    keys text;
    forgotten bigint;
BEGIN
    -- Which of two rows gives way to the other is told by their versions, as long as one of them does.
    IF EXISTS (SELECT FROM switchback.quarantine AS q JOIN switchback.replicated_table AS t USING (schema_name, table_name)
                WHERE t.id = forget_versions.id) THEN
        RETURN 0;
    END IF;
    SELECT * INTO horizon FROM switchback.horizon(id);
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO keys
      FROM pg_attribute
     WHERE attrelid = to_regclass('switchback.version_' || id) AND attnum > 0 AND NOT attisdropped AND attname ~ '^k[0-9]+$';
    IF keys IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format(
        'DELETE FROM switchback.version_%1$s WHERE (%2$s) IN ('
        '    SELECT %2$s FROM switchback.version_%1$s AS v GROUP BY %2$s'
        '    HAVING bool_and(($2 IS NULL OR pg_snapshot_xmax(v.as_of)::text::bigint <= $2) AND NOT EXISTS ('
        '        SELECT FROM switchback.cursor AS c'
        '         WHERE c.sync = $1 AND c.source <> v.origin'
        '           AND NOT coalesce(pg_visible_in_snapshot(v.txid::text::xid8, (c.seen ->> v.origin)::pg_snapshot), false))))',
        id, keys)
      USING sync, horizon.passed_below;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

-- Takes: a sequence that has handed out nothing since it was made or set. Returns: the value that it will hand out first.
-- Reads: the sequence. Writes: nothing.
CREATE FUNCTION switchback.first_value(sequence regclass) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    value bigint;
BEGIN
    EXECUTE format('SELECT last_value FROM %s', sequence) INTO value;
    RETURN value;
END $$;

-- The doorbell: wakes an engine that waits, and costs next to nothing when none does. An engine that goes to sleep holds
-- the lock exclusively; a transaction that cannot share it notifies. One that can share it keeps it until it ends, so no
-- engine goes to sleep while a change that rang nobody is still uncommitted.
-- A transaction that has notified cannot be prepared, so where prepared transactions are allowed the engine polls.
--
-- A transaction that was to commit asynchronously commits to its disk after all: what a crash of the source could undo
-- must not have reached a receiver before, which would keep it, and take the transaction that is given the same number
-- after the crash for one that it has.
-- Takes: nothing. Returns: whether somebody was woken, so that it can be called by an assignment, which costs less than a
-- PERFORM. Reads and writes: nothing.
CREATE FUNCTION switchback.ring() RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off' THEN
        PERFORM pg_catalog.set_config('synchronous_commit', 'local', true);
    END IF;
    IF pg_catalog.pg_try_advisory_xact_lock_shared(1398227523, 1)
        OR pg_catalog.current_setting('max_prepared_transactions') OPERATOR(pg_catalog.<>) '0'
    THEN
        RETURN false;
    END IF;
    PERFORM pg_catalog.pg_notify('switchback', '');
    RETURN true;
END $$;

-- Nobody else reads deltas, which hold keys, or calls what moves cursors and takes deltas away. Triggers need no grant to fire.
REVOKE ALL ON ALL TABLES IN SCHEMA switchback FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA switchback FROM PUBLIC;
