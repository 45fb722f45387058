-- What the rule of freshness said of a platform, and until when it is set aside (REG-2, POL-2, POL-3).
ALTER TABLE platform
  ADD COLUMN freshness_verdicts JSON NULL,
  ADD COLUMN freshness_override_until DATE NULL;
