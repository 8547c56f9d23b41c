CREATE TABLE `checkpoints` (
	`size` integer PRIMARY KEY NOT NULL,
	`root` blob NOT NULL,
	`recorded` integer NOT NULL,
	`note` text
);
--> statement-breakpoint
CREATE TABLE `edge` (
	`level` integer PRIMARY KEY NOT NULL,
	`hashes` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `head` (
	`id` integer PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`root` blob NOT NULL,
	`recorded` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`cause` text NOT NULL,
	`subject` text NOT NULL,
	`record` integer,
	`evidence` text NOT NULL,
	`noticed` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_cause_unique` ON `incidents` (`cause`);--> statement-breakpoint
CREATE TABLE `log` (
	`id` integer PRIMARY KEY NOT NULL,
	`origin` text NOT NULL,
	`vkey` text NOT NULL,
	`namespace` text NOT NULL,
	`statement` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `packages` (
	`id` integer PRIMARY KEY NOT NULL,
	`purl` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `packages_purl_unique` ON `packages` (`purl`);--> statement-breakpoint
CREATE TABLE `pins` (
	`namespace` text NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`integrity` text NOT NULL,
	`manifest` text NOT NULL,
	`evidence` text NOT NULL,
	`recorded` integer NOT NULL,
	PRIMARY KEY(`namespace`, `name`, `version`)
);
--> statement-breakpoint
CREATE TABLE `records` (
	`idx` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`package_id` integer,
	`version` text,
	`key` text,
	`text` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `one_record_per_version` ON `records` (`package_id`,`version`) WHERE kind = 'version';--> statement-breakpoint
CREATE UNIQUE INDEX `one_record_per_cause` ON `records` (`package_id`,`version`,`kind`,`key`) WHERE kind <> 'version';--> statement-breakpoint
CREATE INDEX `records_by_kind` ON `records` (`kind`,`idx`) WHERE kind <> 'version';--> statement-breakpoint
CREATE TABLE `tiles` (
	`level` integer NOT NULL,
	`idx` integer NOT NULL,
	`hashes` blob NOT NULL,
	PRIMARY KEY(`level`, `idx`)
);
