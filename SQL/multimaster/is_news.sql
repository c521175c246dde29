-- Whether a receiver has not seen all versions of a row. A condition of multimaster/versions_of.
-- Takes: {own_is_news} whether it has not seen the change d; {versions} as v, {version_joins} from d to v, {unseen} whether it has not
-- seen v. Returns: a boolean. Reads: the versions. Writes: nothing.

 WHERE CASE WHEN v.origin IS NULL THEN d.txid IS NOT NULL AND {own_is_news}
            ELSE EXISTS (SELECT FROM switchback.{versions} AS v WHERE {version_joins} AND {unseen}) END
