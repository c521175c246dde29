-- What is told of the columns of a row's stored versions, the latest of each. A part of multimaster/versions_of and
-- multimaster/own_versions.
-- Takes: {stored} the greatest multimaster/stored_stamp of each column of x; {versions}; {version_joins} between x and the row.
-- Returns: stored1, stored2, …, each may be null. Reads: the versions. Writes: nothing.
SELECT {stored} FROM switchback.{versions} AS x WHERE {version_joins}
