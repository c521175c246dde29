-- Takes: nothing. Returns: the name of the community that both sites renamed. Reads: community. Writes: nothing.
SELECT name FROM community WHERE community_id = 1
