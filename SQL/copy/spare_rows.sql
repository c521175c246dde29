-- Leaves out of a source's quarantine the rows of which the receiver has something that the source has not seen: a change of its own, or a version.
-- Takes: {rows} the stage; {changed} the query for the receiver's own changes that the source has not seen, as o; {same_key} the condition that q
-- has its key; {versions}, {has_version} the condition that q has the key of v, {unseen} whether the source has not seen v. Returns: nothing.
-- Reads: the delta tables, the versions. Writes: the stage.
DELETE FROM {rows} AS q
 WHERE EXISTS (SELECT FROM ({changed}) AS o WHERE {same_key})
    OR EXISTS (SELECT FROM switchback.{versions} AS v WHERE {has_version} AND {unseen})
