-- Nodes that leave a sync, are away for long or are lost; and the node's clock, which stamps are made by.

-- At a source: since when a receiver has not answered.
ALTER TABLE switchback.receiver ADD COLUMN away_since timestamptz;

-- The nodes that this node counts on no more, by sync: nothing is kept for them, and nothing is taken from them, until they
-- have been made equal to a node that was here all along.
CREATE TABLE switchback.lost (
    sync text NOT NULL,
    node text NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    away_since timestamptz,
    reason text NOT NULL,
    PRIMARY KEY (sync, node)
);

-- Takes: nothing. Returns: the node's clock. A function in SQL, for it is written out where it is called. Reads, writes: nothing.
CREATE FUNCTION switchback.clock() RETURNS timestamptz
LANGUAGE sql VOLATILE
AS $$ SELECT pg_catalog.clock_timestamp() $$;

-- As before, by the node's clock.
CREATE OR REPLACE FUNCTION switchback.moment() RETURNS timestamptz
LANGUAGE sql VOLATILE
AS $$
    SELECT greatest(switchback.clock(),
                    pg_catalog.to_timestamp(pg_catalog.pg_sequence_last_value('switchback.floor') OPERATOR(pg_catalog./) 1000000.0))
$$;

-- As before, by the node's clock.
CREATE OR REPLACE FUNCTION switchback.raise_floor(stamp bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF stamp > extract(epoch FROM switchback.clock()) * 1000000
        AND stamp > coalesce(pg_sequence_last_value('switchback.floor'), 0)
    THEN
        PERFORM setval('switchback.floor', stamp);
    END IF;
END $$;

-- As before; a node that is lost moves no cursor. Whoever declares it lost locks the cursor first, so a batch that is under way
-- is either counted in by the declaration or undone.
CREATE OR REPLACE FUNCTION switchback.advance(
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
    IF cursor_now.paused OR cursor_now.state <> 'streaming'
        OR EXISTS (SELECT FROM switchback.lost AS l WHERE l.sync = stream_sync AND l.node = stream_source)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'SB002',
            MESSAGE = format('the stream of %s from %s is not to move now', stream_sync, stream_source);
    END IF;
    UPDATE switchback.cursor
       SET snapshot = next, batch = expected_batch + 1, as_of = next_as_of,
           applied_at = CASE WHEN rows_in_batch > 0 THEN clock_timestamp() ELSE applied_at END,
           applied_rows = applied_rows + rows_in_batch, seen = next_seen, error = NULL, error_hint = NULL, error_at = NULL
     WHERE sync = stream_sync AND source = stream_source;
END $$;

-- As before; what a node that is lost had seen holds nothing back.
CREATE OR REPLACE FUNCTION switchback.horizon(id integer, OUT passed_below bigint, OUT except_for bigint[])
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
          FROM switchback.cursor JOIN switchback.sync_table USING (sync), switchback.node
         WHERE table_id = horizon.id
           AND NOT EXISTS (SELECT FROM switchback.lost AS l WHERE l.sync = cursor.sync AND l.node = cursor.source)
    )
    SELECT min(pg_snapshot_xmax(snapshot)::text::bigint),
           (SELECT array_agg(DISTINCT xip::text::bigint) FROM needed AS n, pg_snapshot_xip(n.snapshot) AS xip)
      INTO passed_below, except_for
      FROM needed;
END $$;

-- As before; nobody waits for a node that is lost.
CREATE OR REPLACE FUNCTION switchback.forget_versions(sync text, id integer) RETURNS bigint
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
        '           AND NOT EXISTS (SELECT FROM switchback.lost AS l WHERE l.sync = c.sync AND l.node = c.source)'
        '           AND NOT coalesce(pg_visible_in_snapshot(v.txid::text::xid8, (c.seen ->> v.origin)::pg_snapshot), false))))',
        id, keys)
      USING sync, horizon.passed_below;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

-- Takes: snapshots. Returns: the snapshot of what is in all of them; null for none. Reads, writes: nothing.
CREATE FUNCTION switchback.common(snapshots pg_snapshot[]) RETURNS pg_snapshot
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH ends AS (
        SELECT min(pg_snapshot_xmax(s)::text::bigint) AS top FROM unnest(snapshots) AS s
    ), running AS (
        SELECT DISTINCT xip::text::bigint AS xip FROM ends, unnest(snapshots) AS s, pg_snapshot_xip(s) AS xip
         WHERE xip::text::bigint < ends.top
    )
    SELECT (coalesce((SELECT min(xip) FROM running), top) || ':' || top || ':'
            || coalesce((SELECT string_agg(xip::text, ',' ORDER BY xip) FROM running), ''))::pg_snapshot
      FROM ends WHERE top IS NOT NULL
$$;

-- Takes: a replicated table of a multi-master sync, and a node that will send nothing more. Returns: how many rows are sent
-- again: those whose version here is that node's, where another node may lack it. They are sent as changes of this node, with
-- the stamps that they have, for nobody else will bring them.
-- Reads: cursor, receiver, lost, quarantine, the table's versions. Writes: one of the table's delta tables.
CREATE FUNCTION switchback.speak_for(lost_sync text, lost_node text, id integer) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    delta regclass;
    names text;
    arrays text;
    texts text;
    sent bigint;
BEGIN
    IF to_regclass('switchback.version_' || id) IS NULL THEN
        RETURN 0;
    END IF;
    SELECT CASE WHEN (pg_current_xact_id()::text::bigint >> 13) & 1 = 0 THEN delta_a ELSE delta_b END INTO delta
      FROM switchback.replicated_table AS t WHERE t.id = speak_for.id;
    IF delta IS NULL THEN
        RETURN 0;
    END IF;
    -- A key that is itself an array stands in deltas as text.
    SELECT string_agg(v.attname, ', ' ORDER BY v.attnum),
           string_agg(format('ARRAY[v.%I::%s]', v.attname, format_type(t.typelem, d.atttypmod)), ', ' ORDER BY v.attnum),
           string_agg(format('v.%I::text', v.attname), ', ' ORDER BY v.attnum)
      INTO names, arrays, texts
      FROM pg_attribute AS v
      JOIN pg_attribute AS d ON d.attrelid = delta AND d.attname = v.attname
      JOIN pg_type AS t ON t.oid = d.atttypid
     WHERE v.attrelid = to_regclass('switchback.version_' || id) AND v.attnum > 0 AND NOT v.attisdropped
       AND v.attname ~ '^k[0-9]+$';
    EXECUTE format(
        'INSERT INTO %1$s (txid, at, op, rows, %2$s)'
        ' SELECT pg_current_xact_id()::text::bigint,'
        '        (SELECT max(o.at) FROM switchback.version_%3$s AS o WHERE (%6$s) IS NOT DISTINCT FROM (%7$s)), ''d'', 1, %4$s'
        '   FROM switchback.version_%3$s AS v'
        '  WHERE v.origin = $2'
        '    AND (EXISTS (SELECT FROM switchback.cursor AS c'
        '                  WHERE c.sync = $1 AND c.source <> $2'
        '                    AND NOT EXISTS (SELECT FROM switchback.lost AS l WHERE l.sync = c.sync AND l.node = c.source)'
        '                    AND NOT coalesce(pg_visible_in_snapshot(v.txid::text::xid8, (c.seen ->> $2)::pg_snapshot), false))'
        '         OR EXISTS (SELECT FROM switchback.receiver AS r'
        '                     WHERE r.sync = $1 AND r.receiver <> $2'
        '                       AND NOT EXISTS (SELECT FROM switchback.cursor AS c WHERE c.sync = $1 AND c.source = r.receiver)))'
        '    AND NOT EXISTS (SELECT FROM switchback.quarantine AS q JOIN switchback.replicated_table AS t USING (schema_name, table_name)'
        '                     WHERE t.id = %3$s AND q.key_values = ARRAY[%5$s])',
        delta, names, id, arrays, texts,
        regexp_replace(names, '(k[0-9]+)', 'o.\1', 'g'), regexp_replace(names, '(k[0-9]+)', 'v.\1', 'g'))
      USING lost_sync, lost_node;
    GET DIAGNOSTICS sent = ROW_COUNT;
    RETURN sent;
END $$;

-- Takes: a sync, a node of it and why it is counted on no more. Returns: how many rows of it this node sends on in its place;
-- null when it was declared lost before. Nothing is kept for it from now on, and its streams to here stop.
-- Reads: what speak_for() reads. Writes: lost, receiver, hold, deltas; wakes the engine.
CREATE FUNCTION switchback.declare_lost(lost_sync text, lost_node text, why text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sent bigint := 0;
    replicated integer;
BEGIN
    -- A batch of its that is under way here ends first.
    PERFORM FROM switchback.cursor WHERE sync = lost_sync AND source = lost_node FOR UPDATE;
    INSERT INTO switchback.lost (sync, node, away_since, reason)
    VALUES (lost_sync, lost_node,
            (SELECT away_since FROM switchback.receiver WHERE sync = lost_sync AND receiver = lost_node), why)
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM switchback.receiver WHERE sync = lost_sync AND receiver = lost_node;
    DELETE FROM switchback.hold WHERE sync = lost_sync AND receiver = lost_node;
    FOR replicated IN SELECT table_id FROM switchback.sync_table WHERE sync = lost_sync ORDER BY 1 LOOP
        sent := sent + switchback.speak_for(lost_sync, lost_node, replicated);
    END LOOP;
    IF sent > 0 THEN
        PERFORM switchback.ring();
    END IF;
    RETURN sent;
END $$;

-- Takes: a sync and a receiver. Returns: the bytes of deltas of which it has not confirmed some, and of the versions that are kept
-- with them. Reads: receiver, sync_table, the delta tables, the sizes. Writes: nothing.
CREATE FUNCTION switchback.kept_bytes(kept_sync text, kept_receiver text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    kept pg_snapshot;
    part record;
    is_kept boolean;
    bytes bigint := 0;
BEGIN
    SELECT acknowledged INTO kept FROM switchback.receiver WHERE sync = kept_sync AND receiver = kept_receiver;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    FOR part IN
        SELECT t.id, d.delta
          FROM switchback.replicated_table AS t
          JOIN switchback.sync_table AS s ON s.table_id = t.id AND s.sync = kept_sync
         CROSS JOIN LATERAL unnest(ARRAY[t.delta_a, t.delta_b]) AS d (delta)
         WHERE pg_relation_size(d.delta) > 0
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE txid >= $1 OR txid = ANY ($2))', part.delta::regclass)
           INTO is_kept
          USING pg_snapshot_xmax(kept)::text::bigint,
                ARRAY(SELECT xip::text::bigint FROM pg_snapshot_xip(kept) AS xip);
        IF is_kept THEN
            bytes := bytes + pg_total_relation_size(part.delta);
        END IF;
    END LOOP;
    SELECT bytes + coalesce(sum(pg_total_relation_size(to_regclass('switchback.version_' || table_id))), 0) INTO bytes
      FROM switchback.sync_table WHERE sync = kept_sync AND to_regclass('switchback.version_' || table_id) IS NOT NULL;
    RETURN bytes;
END $$;

REVOKE ALL ON switchback.lost FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA switchback FROM PUBLIC;
