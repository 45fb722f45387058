-- Drafts that are made when a period has ended, and entries that the office leaves out of a list (TRI-7, TRI-8).

-- That a kind, industry and period had its turn: taken in the transaction that drafts.
CREATE TABLE period_draft (
  series VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- Of a list; empty for reports.
  industry VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  period_start_date DATE NOT NULL,
  -- Empty: there was nothing to list.
  draft VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (series, period_start_date, industry)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE list_omission (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(120) NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  author VARCHAR(160) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  list VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY list_omission_list (list)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE list_line ADD COLUMN left_out TINYINT NOT NULL DEFAULT 0 AFTER office;
