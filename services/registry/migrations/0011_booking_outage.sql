-- Why an instrument cannot be used at the time of a booking, and whom its requester may ask (REG-4).
ALTER TABLE booking ADD COLUMN outage JSON NULL;
