-- Organizations that have become part of others (REG-1).
CREATE TABLE organization_succession (
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  -- Goes on itself, however many mergers lie between.
  successor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  successor_title VARCHAR(120) NOT NULL,
  successor_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  noted_time DATETIME(6) NOT NULL,
  KEY organization_succession_successor (successor, organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The same within a cycle that was running: there the two are one since. In a cycle that had ended
-- they are not.
CREATE TABLE cycle_succession (
  cycle VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  successor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (cycle, organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE form_row
  ADD COLUMN former_enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
