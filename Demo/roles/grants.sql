-- What Switchback's role needs at a node that takes changes in and whose own may be captured: both, for the site can move.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
GRANT CREATE ON DATABASE repository TO switchback;
GRANT SET ON PARAMETER session_replication_role TO switchback;
GRANT USAGE ON SCHEMA public TO switchback;
GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON ALL TABLES IN SCHEMA public TO switchback;
GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO switchback;
