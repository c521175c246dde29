-- Has a node take part in a sync with links.
-- Takes: {sync} as a literal, {sources} and {neighbours} as literals of arrays. Returns: nothing; raises SB007. Reads and writes: what
-- take_links() does.
SELECT switchback.take_links({sync}, {sources}::text[], {neighbours}::text[])
