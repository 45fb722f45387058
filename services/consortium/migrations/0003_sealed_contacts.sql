-- What objectors say of themselves is stored sealed (common/crypto/keyring.h); rows from before are
-- read as they are.
ALTER TABLE notice_objection
  MODIFY contact_person VARCHAR(400) NOT NULL,
  MODIFY contact_phone VARCHAR(400) NOT NULL;
