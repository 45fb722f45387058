-- What every service keeps in its own schema beside its resources. (The tables schema_migration and
-- lease are made by the migration program itself, which needs them before it can begin.)

-- The reply to a change, under the caller's request id, written in the transaction of the change:
-- a repeated request gets the same reply and has no second effect.
CREATE TABLE idempotency (
  actor VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  method VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- SHA-256 of the request's arguments: another request under the same id is refused.
  args_sha BINARY(32) NOT NULL,
  -- 'done' with a reply, or 'refused' with the google.rpc.Status of a deterministic refusal.
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reply MEDIUMBLOB NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (actor, method, request_id),
  KEY created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far a follower has read a peer's journal; moved in the transaction of the effect.
CREATE TABLE `cursor` (
  follower VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  moved_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Journal entries a follower could not apply and went past; an alert counts them.
CREATE TABLE dead_letter (
  follower VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq BIGINT NOT NULL,
  entry MEDIUMBLOB NOT NULL,
  attempts INT NOT NULL,
  error TEXT NOT NULL,
  parked_at DATETIME(6) NOT NULL,
  resolved_at DATETIME(6) NULL,
  PRIMARY KEY (follower, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
