-- Syncs whose nodes hand on what they receive: what a node has seen does not follow from its cursors there, for behind a node that
-- hands on there are others that it has no cursor of.

-- In a sync with links, for each source of it: what that had seen of every source when what came from it here was read, over
-- however many others it came. In the node's own row: what it has seen itself. seen has snapshots by the names of their nodes.
-- identity tells a node from another one that has its name. One that has left the sync stays here, for its changes do.
CREATE TABLE switchback.knowledge (
    sync text NOT NULL,
    node text NOT NULL,
    seen jsonb NOT NULL DEFAULT '{}',
    identity text,
    gone boolean NOT NULL DEFAULT false,
    PRIMARY KEY (sync, node)
) WITH (fillfactor = 50);

-- Takes: two objects of snapshots by the names of nodes. Returns: of each node the later of the two. Reads, writes: nothing.
CREATE FUNCTION switchback.joined(a jsonb, b jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_object_agg(node, snapshot), '{}')
      FROM (SELECT DISTINCT ON (key) key AS node, value AS snapshot
              FROM (SELECT * FROM jsonb_each_text(a) UNION ALL SELECT * FROM jsonb_each_text(b)) AS every (key, value)
             ORDER BY key, pg_snapshot_xmax(value::pg_snapshot) DESC,
                      (SELECT count(*) FROM pg_snapshot_xip(value::pg_snapshot))) AS latest
$$;

-- Takes: a sync, the source of a batch, and what that knew when it was read: an object by the names of nodes, each with what it had
-- seen and its identity. Returns: nothing; raises SB006 where one of them is another than was known under its name. Reads: node.
-- Writes: knowledge. To be called at the end of the transaction that applies the batch.
CREATE FUNCTION switchback.learn(learnt_sync text, source text, told jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own text := (SELECT name FROM switchback.node);
    other record;
    known switchback.knowledge;
BEGIN
    FOR other IN SELECT key AS name, value AS facts FROM jsonb_each(told) ORDER BY key COLLATE "C" LOOP
        SELECT * INTO known FROM switchback.knowledge AS k WHERE k.sync = learnt_sync AND k.node = other.name FOR UPDATE;
        CONTINUE WHEN NOT FOUND;
        IF known.identity <> other.facts ->> 'identity' THEN
            RAISE EXCEPTION USING ERRCODE = 'SB006',
                MESSAGE = format('%s is another node than the %s that took part in %s before', other.name, other.name, learnt_sync);
        END IF;
        -- What others think of this node is less than it knows.
        CONTINUE WHEN other.name = own;
        UPDATE switchback.knowledge AS k
           SET seen = switchback.joined(k.seen, other.facts -> 'seen'), identity = coalesce(k.identity, other.facts ->> 'identity')
         WHERE k.sync = learnt_sync AND k.node = other.name;
    END LOOP;
    UPDATE switchback.knowledge AS k SET seen = switchback.joined(k.seen, told -> source -> 'seen')
     WHERE k.sync = learnt_sync AND k.node = own;
END $$;

-- Takes: a sync with links, its sources, and the nodes that this one is linked with. Returns: nothing. Raises SB007 where the sync has
-- streams here that go without knowledge. Reads: node. Writes: knowledge; receiver, hold, cursor and table_state of nodes that this
-- one is not linked with any more.
CREATE FUNCTION switchback.take_links(linked_sync text, sources text[], neighbours text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM switchback.knowledge AS k WHERE k.sync = linked_sync)
        AND (EXISTS (SELECT FROM switchback.cursor AS c WHERE c.sync = linked_sync)
             OR EXISTS (SELECT FROM switchback.receiver AS r WHERE r.sync = linked_sync))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'SB007',
            MESSAGE = format('sync %s runs without links here: they cannot be given to it while it does', linked_sync);
    END IF;
    UPDATE switchback.knowledge AS k SET gone = NOT k.node = ANY (sources) WHERE k.sync = linked_sync;
    INSERT INTO switchback.knowledge (sync, node, identity)
    SELECT linked_sync, source, CASE WHEN n.name = source THEN extract(epoch FROM n.installed_at)::text END
      FROM switchback.node AS n, unnest(sources || ARRAY(SELECT name FROM switchback.node)) AS source
        ON CONFLICT DO NOTHING;
    UPDATE switchback.knowledge AS k SET gone = true
     WHERE k.sync = linked_sync AND NOT k.node = ANY (sources) AND NOT k.gone;
    DELETE FROM switchback.receiver AS r WHERE r.sync = linked_sync AND NOT r.receiver = ANY (neighbours);
    DELETE FROM switchback.hold AS h WHERE h.sync = linked_sync AND NOT h.receiver = ANY (neighbours);
    DELETE FROM switchback.cursor AS c WHERE c.sync = linked_sync AND NOT c.source = ANY (neighbours);
    DELETE FROM switchback.table_state AS t WHERE t.sync = linked_sync AND NOT t.source = ANY (neighbours);
END $$;

-- Takes: a sync with links and a receiver. Returns: the snapshot that a stream to a node that joins begins with: what all that receive from
-- here have, and all sources have seen; null in a sync without links. Reads: receiver, knowledge, node. Writes: nothing.
CREATE FUNCTION switchback.seen_by_all(linked_sync text, besides text) RETURNS pg_snapshot
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM switchback.knowledge WHERE sync = linked_sync) THEN
        (SELECT switchback.common(array_agg(snapshot)) FROM (
            SELECT r.acknowledged AS snapshot FROM switchback.receiver AS r WHERE r.sync = linked_sync AND r.receiver <> besides
            UNION ALL
            SELECT coalesce((k.seen ->> n.name)::pg_snapshot, '1:1:'::pg_snapshot)
              FROM switchback.knowledge AS k, switchback.node AS n
             WHERE k.sync = linked_sync AND k.node <> n.name AND NOT k.gone
            UNION ALL
            SELECT pg_current_snapshot()) AS every) END
$$;

-- Takes: a sync with links. Returns: nothing. Has all versions that are kept here travel once more, for a node that joins: it has the
-- rows from a copy, which does not tell whose they are. Whoever knows them already is not sent them. Reads: the versions.
-- Writes: one of each table's delta tables; wakes the engine.
CREATE FUNCTION switchback.tell_again(linked_sync text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    replicated record;
    names text;
    arrays text;
    has_told boolean := false;
BEGIN
    FOR replicated IN
        SELECT t.id, CASE WHEN (pg_current_xact_id()::text::bigint >> 13) & 1 = 0 THEN delta_a ELSE delta_b END::regclass AS delta
          FROM switchback.replicated_table AS t JOIN switchback.sync_table AS s ON s.table_id = t.id
         WHERE s.sync = linked_sync AND t.delta_a IS NOT NULL AND to_regclass('switchback.version_' || t.id) IS NOT NULL
         ORDER BY t.id
    LOOP
        SELECT string_agg(v.attname, ', ' ORDER BY v.attnum),
               string_agg(format('ARRAY[v.%I::%s]', v.attname, format_type(t.typelem, d.atttypmod)), ', ' ORDER BY v.attnum)
          INTO names, arrays
          FROM pg_attribute AS v
          JOIN pg_attribute AS d ON d.attrelid = replicated.delta AND d.attname = v.attname
          JOIN pg_type AS t ON t.oid = d.atttypid
         WHERE v.attrelid = to_regclass('switchback.version_' || replicated.id) AND v.attnum > 0 AND NOT v.attisdropped
           AND v.attname ~ '^k[0-9]+$';
        EXECUTE format(
            'INSERT INTO %1$s (txid, at, op, rows, %2$s)'
            ' SELECT pg_current_xact_id()::text::bigint, switchback.moment(), ''f'', 1, %3$s FROM switchback.version_%4$s AS v',
            replicated.delta, names, arrays, replicated.id);
        EXECUTE format('UPDATE switchback.version_%s SET applied = pg_current_xact_id()::text::bigint', replicated.id);
        has_told := true;
    END LOOP;
    IF has_told THEN
        PERFORM switchback.ring();
    END IF;
END $$;

-- The transaction that brought an entry of versions, in whose deltas it is handed on.
DO $$
DECLARE
    versions regclass;
BEGIN
    FOR versions IN
        SELECT to_regclass('switchback.version_' || id) FROM switchback.replicated_table
         WHERE to_regclass('switchback.version_' || id) IS NOT NULL
    LOOP
        EXECUTE format('ALTER TABLE %s ADD COLUMN applied bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint', versions);
    END LOOP;
END $$;

-- As before; in a sync with links also as long as a source that is linked with others has not seen a change.
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
        UNION ALL
        SELECT coalesce((k.seen ->> node.name)::pg_snapshot, '1:1:'::pg_snapshot)
          FROM switchback.knowledge AS k JOIN switchback.sync_table USING (sync), switchback.node
         WHERE table_id = horizon.id AND k.node <> node.name AND NOT k.gone
    )
    SELECT min(pg_snapshot_xmax(snapshot)::text::bigint),
           (SELECT array_agg(DISTINCT xip::text::bigint) FROM needed AS n, pg_snapshot_xip(n.snapshot) AS xip)
      INTO passed_below, except_for
      FROM needed;
END $$;

-- As before; in a sync with links, once every source has seen all of a row's versions, and they were handed on.
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
        '           AND NOT coalesce(pg_visible_in_snapshot(v.txid::text::xid8, (c.seen ->> v.origin)::pg_snapshot), false))'
        '      AND NOT EXISTS ('
        '        SELECT FROM switchback.knowledge AS k, switchback.node AS n'
        '         WHERE k.sync = $1 AND NOT k.gone'
        '           AND (k.node <> n.name AND k.node <> v.origin'
        '                AND NOT coalesce(pg_visible_in_snapshot(v.txid::text::xid8, (k.seen ->> v.origin)::pg_snapshot), false)'
        '                OR v.applied >= $2 OR v.applied = ANY ($3)))))',
        id, keys)
      USING sync, horizon.passed_below, coalesce(horizon.except_for, '{}');
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

-- As before; in a sync with links whoever received a change of the lost node's has handed it on.
CREATE OR REPLACE FUNCTION switchback.declare_lost(lost_sync text, lost_node text, why text) RETURNS bigint
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
    IF EXISTS (SELECT FROM switchback.knowledge WHERE sync = lost_sync) THEN
        RETURN 0;
    END IF;
    FOR replicated IN SELECT table_id FROM switchback.sync_table WHERE sync = lost_sync ORDER BY 1 LOOP
        sent := sent + switchback.speak_for(lost_sync, lost_node, replicated);
    END LOOP;
    IF sent > 0 THEN
        PERFORM switchback.ring();
    END IF;
    RETURN sent;
END $$;

REVOKE ALL ON switchback.knowledge FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA switchback FROM PUBLIC;
