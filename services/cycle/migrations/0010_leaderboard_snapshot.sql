-- What a version was computed from, for whoever computes it again; and until when it may be objected
-- to, as it was when it was published.
CREATE TABLE leaderboard_snapshot (
  leaderboard VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  -- gzip of a LeaderboardSnapshot.
  data LONGBLOB NOT NULL
) ENGINE = InnoDB;

ALTER TABLE leaderboard
  ADD COLUMN objection_deadline DATETIME(6) NULL,
  ADD COLUMN objection_derivation VARCHAR(1000) NOT NULL DEFAULT '';
