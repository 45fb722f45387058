-- A platform that was never published has no verdicts: a message that is absent is NULL.
ALTER TABLE platform MODIFY publish_verdicts JSON NULL;
