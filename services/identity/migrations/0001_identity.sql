-- Accounts and API clients are resources (table = descriptor); what must never leave the service has
-- tables of its own beside them.
CREATE TABLE account (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  login VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  display_name VARCHAR(255) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  roles JSON NOT NULL,
  disabled TINYINT NOT NULL,
  password_change_required TINYINT NOT NULL,
  create_time DATETIME(6) NULL,
  update_time DATETIME(6) NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY account_login (login),
  KEY account_organization (organization)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Argon2id hash of an account's password, with its own parameters and salt.
CREATE TABLE credential (
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  changed_time DATETIME(6) NOT NULL,
  CONSTRAINT credential_account FOREIGN KEY (account) REFERENCES account (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Failed sign-ins of a name, known or not, shared by all replicas. The name itself is not kept:
-- people type passwords into the wrong field.
CREATE TABLE login_attempt (
  -- SHA-256 of the login name in lower case, hexadecimal.
  subject CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  failures INT NOT NULL,
  window_start DATETIME(6) NOT NULL,
  locked_until DATETIME(6) NULL,
  KEY login_attempt_window (window_start)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Signed-in browsers. The secret is kept as its SHA-256; it has 256 random bits.
CREATE TABLE session (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  secret_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  last_used_time DATETIME(6) NOT NULL,
  user_agent VARCHAR(255) NOT NULL,
  UNIQUE KEY session_secret (secret_sha256),
  KEY session_account (account, create_time),
  KEY session_created (create_time)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE api_client (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  display_name VARCHAR(255) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  roles JSON NOT NULL,
  disabled TINYINT NOT NULL,
  create_time DATETIME(6) NULL,
  update_time DATETIME(6) NULL,
  version BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- SHA-256 of an API client's secret, which has 256 random bits.
CREATE TABLE api_client_secret (
  api_client VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  secret_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT api_client_secret_client FOREIGN KEY (api_client) REFERENCES api_client (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
