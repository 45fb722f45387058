-- Issued lists that are open to everybody (TRI-7, S3 二(三)(五)), and their lines, which are listed by number.
ALTER TABLE industry_list
  ADD COLUMN published TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN publish_time DATETIME(6) NULL,
  ADD COLUMN withdraw_reason VARCHAR(1000) NOT NULL DEFAULT '';

ALTER TABLE list_line
  ADD COLUMN published TINYINT NOT NULL DEFAULT 0,
  ADD KEY list_line_published (published, number, name);
