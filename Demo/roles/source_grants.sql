-- What Switchback's role needs where changes are captured.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
GRANT CREATE ON DATABASE repository TO switchback;
GRANT USAGE ON SCHEMA public TO switchback;
GRANT SELECT, TRIGGER ON ALL TABLES IN SCHEMA public TO switchback;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO switchback;
