-- Somebody hands in a file.
-- Takes: $1 its path, $2 its size in bytes. Returns: nothing. Reads: nothing. Writes: upload.
INSERT INTO upload (path, size_bytes) VALUES ($1, $2::bigint)
