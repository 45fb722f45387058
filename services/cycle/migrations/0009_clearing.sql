-- Old notifications, digests and deliveries go by these keys, the oldest first.
ALTER TABLE notification ADD KEY notification_clearing (state, update_time);
ALTER TABLE digest ADD KEY digest_day (day);
ALTER TABLE webhook_delivery ADD KEY webhook_delivery_clearing (state, update_time);
