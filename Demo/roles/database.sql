-- The application's database. It stands alone, for it cannot be made in a transaction.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE DATABASE repository OWNER repository
