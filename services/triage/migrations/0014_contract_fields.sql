-- What the registration of a technology contract asks for besides, by the policy pack (TRI-6).
ALTER TABLE follow_up
  ADD COLUMN contract_fields JSON NOT NULL DEFAULT '[]';
