-- The resolved problems that a version was computed from.
ALTER TABLE leaderboard_snapshot
  -- gzip of a pairing.v1.ListProblemsResponse; NULL = problems were not counted in this version.
  ADD COLUMN problems LONGBLOB NULL;
