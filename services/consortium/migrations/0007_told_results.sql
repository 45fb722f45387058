-- What evaluations came to, as the parties are told; who keeps a supplement from taking effect.
ALTER TABLE consortium ADD COLUMN evaluation_results JSON NOT NULL DEFAULT '[]';
ALTER TABLE supplement ADD COLUMN barred_parties JSON NOT NULL DEFAULT '[]';
