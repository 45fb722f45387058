-- Long work (common/operation). Who works on one holds the lease operation/{operation}.
CREATE TABLE operation (
  name VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  method VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(100) NOT NULL,
  target VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  creator VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(20) NOT NULL,
  done_units BIGINT NOT NULL,
  total_units BIGINT NOT NULL,
  start_time DATETIME(6) NULL,
  end_time DATETIME(6) NULL,
  cancel_requested TINYINT NOT NULL,
  attempts BIGINT NOT NULL,
  error JSON NULL,
  result MEDIUMTEXT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- The same work for the same organization runs once at a time.
  under_way VARCHAR(640) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state IN ('PENDING', 'RUNNING'), CONCAT(method, ' ', target, ' ', organization), NULL)) PERSISTENT,
  UNIQUE KEY operation_under_way (under_way),
  KEY operation_state (state, create_time),
  KEY operation_creator (creator, create_time),
  KEY operation_end (end_time)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What is to be done, and as whom; gone when the operation has ended.
CREATE TABLE operation_input (
  operation VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  -- The request's bytes.
  request LONGBLOB NOT NULL,
  -- Numbers of options.v1.Role between commas.
  roles VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- Organizations that had become part of the creator's, between spaces.
  predecessors TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  traceparent VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far the present run says it is. Written beside the work's own transaction, so that it can be
-- seen before that commits; proves nothing.
CREATE TABLE operation_pace (
  operation VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  stage BIGINT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  beat BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
