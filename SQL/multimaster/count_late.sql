-- Counts the rows that multimaster/send_late would send.
-- Takes: {late} the query multimaster/late_writes. Returns: how many. Reads: what that reads. Writes: nothing.
SELECT count(*) FROM ({late}) AS late
