-- Leaves out of a source's versions those of rows that the receiver changed itself, as long as it tells of that, and which are not taken over with
-- the quarantine; and those of rows of which it has a version that the source has not seen.
-- Takes: {known} the stage; {changed} the query for the receiver's own changes, as o; {known_joins} from o to s; {rows} the stage of the quarantine,
-- {has_row} the condition that q has the key of s; {versions}, {version_joins} from s to v, {unseen} whether the source has not seen v.
-- Returns: nothing. Reads: the delta tables, the versions, the stages. Writes: the stage.
DELETE FROM {known} AS s
 WHERE EXISTS (SELECT FROM ({changed}) AS o WHERE {known_joins}) AND NOT EXISTS (SELECT FROM {rows} AS q WHERE {has_row})
    OR EXISTS (SELECT FROM switchback.{versions} AS v WHERE {version_joins} AND {unseen})
