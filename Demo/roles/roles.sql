-- The roles of the demo: an application, which owns the tables, and Switchback.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE ROLE repository LOGIN;
CREATE ROLE switchback LOGIN;
