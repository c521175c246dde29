-- Lists the nodes that this node has dealings with.
-- Takes: nothing. Returns: sync, node; those that were declared lost are not among them. Reads: receiver, cursor, lost. Writes: nothing.
SELECT sync, receiver FROM switchback.receiver
UNION
SELECT sync, source FROM switchback.cursor AS c
 WHERE NOT EXISTS (SELECT FROM switchback.lost AS l WHERE l.sync = c.sync AND l.node = c.source)
ORDER BY 1, 2
