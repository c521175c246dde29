-- Somebody renames a community, of which nobody else thinks.
-- Takes: $1 the name. Returns: nothing. Reads and writes: community.
UPDATE community SET name = $1 WHERE community_id = 1
