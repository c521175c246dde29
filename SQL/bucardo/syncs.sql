-- Lists Bucardo's syncs with all their settings.
-- Takes: nothing. Returns: one row a sync: name, group of relations, group of databases, and the settings. An interval of no
-- length is null.
-- Reads: bucardo.sync. Writes: nothing. Columns that came with later versions of Bucardo are looked up by name.
SELECT s.name, s.herd, s.dbs, s.status, s.conflict_strategy, s.autokick, s.checktime::text AS checktime, s.rebuild_index,
       s.strict_checking, s.onetimecopy, s.deletemethod, s.copyextra, to_jsonb(s) ->> 'isolation_level' AS isolation_level,
       nullif(s.overdue, interval '0')::text AS overdue, nullif(s.expired, interval '0')::text AS expired,
       s.lifetime::text AS lifetime, s.maxkicks, s.stayalive, s.kidsalive, s.analyze_after_copy, s.vacuum_after_copy,
       s.priority, s.track_rates
  FROM bucardo.sync AS s
 ORDER BY s.cdate, s.name
