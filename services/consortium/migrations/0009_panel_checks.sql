-- When the people of a panel were last looked at for conflicts of interest, and by which rules
-- (services/consortium/panel_recheck.cc). A panel without a row never was.
CREATE TABLE panel_check (
  panel VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  check_time DATETIME(6) NOT NULL,
  -- SHA-256 of what the pack looks at, with its version.
  rules CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB;
