-- Merger, split, suspension with their history, and the search for duplicates (REG-1, REG-10).
ALTER TABLE organization
  ADD COLUMN merged_into VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN absorbed JSON NOT NULL DEFAULT '[]',
  ADD COLUMN split_from VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN state_reason VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN state_since DATE NULL,
  ADD KEY organization_merged_into (merged_into, name),
  ADD KEY organization_parent (parent, name);

CREATE TABLE organization_event (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  effective_date DATE NULL,
  summary TEXT NOT NULL,
  reason VARCHAR(400) NOT NULL,
  document VARCHAR(200) NOT NULL,
  parties JSON NOT NULL,
  account VARCHAR(190) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY organization_event_organization (organization, effective_date)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Renames that were made before there was a history: name and last day are known, the reason is not.
INSERT INTO organization_event
  (name, organization, kind, effective_date, summary, reason, document, parties, account,
   create_time, update_time, version)
SELECT CONCAT(o.name, '/events/renamed-', f.number), o.name, 'RENAMED',
       DATE_ADD(STR_TO_DATE(CONCAT(f.year, '-', f.month, '-', f.day), '%Y-%c-%e'), INTERVAL 1 DAY),
       CONCAT('不再使用名称“', f.display_name, '”'), '', '', '[]', '',
       o.update_time, o.update_time, 1
FROM organization o
JOIN JSON_TABLE(o.former_names, '$[*]' COLUMNS (
  number FOR ORDINALITY,
  display_name VARCHAR(120) PATH '$.display_name',
  year INT PATH '$.until.year',
  month INT PATH '$.until.month',
  day INT PATH '$.until.day')) f;

-- What an organization is compared by: CODE (organization code within the credit code), NAME (as
-- written, but for width, case, script, brackets and blanks), CORE (without place and legal form).
CREATE TABLE organization_key (
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value VARCHAR(255) NOT NULL,
  -- Of a name it had.
  former TINYINT NOT NULL,
  PRIMARY KEY (organization, kind, value),
  KEY organization_key_value (kind, value, organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- By which procedure and pack the keys of an organization were made; another one makes them anew.
CREATE TABLE organization_key_stamp (
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  fingerprint CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE distinct_pair (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  first VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  first_title VARCHAR(120) NOT NULL,
  second VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  second_title VARCHAR(120) NOT NULL,
  reasons JSON NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(400) NOT NULL,
  withdraw_reason VARCHAR(400) NOT NULL,
  account VARCHAR(190) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- Reasons that are settled, as bits, while the finding holds.
  settled BIGINT AS (IF(state <> 'UPHELD', 0,
    IF(JSON_CONTAINS(reasons, '"DUPLICATE_REASON_SAME_CODE"'), 1, 0)
    + IF(JSON_CONTAINS(reasons, '"DUPLICATE_REASON_SAME_NAME"'), 2, 0)
    + IF(JSON_CONTAINS(reasons, '"DUPLICATE_REASON_FORMER_NAME"'), 4, 0)
    + IF(JSON_CONTAINS(reasons, '"DUPLICATE_REASON_SIMILAR_NAME"'), 8, 0))) STORED,
  UNIQUE KEY distinct_pair_pair (first, second)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
