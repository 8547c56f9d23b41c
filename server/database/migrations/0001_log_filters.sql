CREATE TABLE `agreements` (
	`registry` text NOT NULL,
	`at` integer NOT NULL,
	`equal` integer NOT NULL,
	`compared` integer NOT NULL,
	PRIMARY KEY(`registry`, `at`)
);
--> statement-breakpoint
ALTER TABLE `records` ADD `evidence` text GENERATED ALWAYS AS (CASE WHEN kind = 'version' THEN CASE
    WHEN instr(text, char(10) || 'evidence signed' || char(10)) THEN 'signed'
    WHEN instr(text, char(10) || 'evidence fetched' || char(10)) THEN 'fetched' ELSE 'claimed' END END) VIRTUAL;--> statement-breakpoint
ALTER TABLE `records` ADD `namespace` text GENERATED ALWAYS AS (CASE WHEN kind = 'keys' THEN replace(substr(text, 6, instr(text, char(10)) - 6), '/', '%2F')
    WHEN instr(substr(text, 1, instr(text, char(10))), '?repository_url=')
    THEN substr(text, instr(text, '?repository_url=') + 16, instr(text, char(10)) - instr(text, '?repository_url=') - 16) END) VIRTUAL;--> statement-breakpoint
CREATE INDEX `versions_by_evidence` ON `records` (`evidence`,`idx`) WHERE kind = 'version' AND evidence <> 'signed';--> statement-breakpoint
CREATE INDEX `records_by_namespace` ON `records` (`namespace`,`idx`) WHERE namespace IS NOT NULL;