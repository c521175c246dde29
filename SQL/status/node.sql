-- Tells what status shows of a node.
-- Takes: nothing. Returns: one row: version, whether tables are fenced here, bytes of delta tables, age of the oldest open
-- transaction in seconds or null. Reads: replicated_table, fence_state, pg_stat_activity. Writes: nothing.
SELECT current_setting('server_version'),
       EXISTS (SELECT FROM switchback.replicated_table WHERE fenced)
           OR coalesce(pg_sequence_last_value('switchback.fence_state'), 0) & 1 = 1,
       (SELECT coalesce(sum(coalesce(pg_relation_size(delta_a), 0) + coalesce(pg_relation_size(delta_b), 0)), 0)
          FROM switchback.replicated_table),
       (SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::bigint
          FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())
