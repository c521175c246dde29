-- Lists the sources of which this node keeps what they have seen, in syncs with links.
-- Takes: nothing. Returns: sync, node. Reads: knowledge. Writes: nothing.
SELECT sync, node FROM switchback.knowledge WHERE NOT gone
