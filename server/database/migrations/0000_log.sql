CREATE TABLE `arrivals` (
	`registry` text NOT NULL,
	`subject` text NOT NULL,
	`seen` integer,
	`missing` integer,
	PRIMARY KEY(`registry`, `subject`)
);
--> statement-breakpoint
CREATE INDEX `arrivals_by_time` ON `arrivals` (`registry`,`seen`);--> statement-breakpoint
CREATE TABLE `checkpoints` (
	`size` integer PRIMARY KEY NOT NULL,
	`root` blob NOT NULL,
	`recorded` integer NOT NULL,
	`note` text
);
--> statement-breakpoint
CREATE TABLE `claims` (
	`subject` text NOT NULL,
	`source` text NOT NULL,
	`integrity` text NOT NULL,
	`seen` integer NOT NULL,
	PRIMARY KEY(`subject`, `source`)
);
--> statement-breakpoint
CREATE TABLE `comparisons` (
	`registry` text NOT NULL,
	`subject` text NOT NULL,
	`at` integer NOT NULL,
	`found` text NOT NULL,
	PRIMARY KEY(`registry`, `subject`)
);
--> statement-breakpoint
CREATE INDEX `comparisons_by_time` ON `comparisons` (`registry`,`at`);--> statement-breakpoint
CREATE TABLE `conformance` (
	`registry` text NOT NULL,
	`feature` text NOT NULL,
	`at` integer NOT NULL,
	`is_ok` integer NOT NULL,
	`detail` text,
	PRIMARY KEY(`registry`, `feature`)
);
--> statement-breakpoint
CREATE TABLE `deliveries` (
	`incident` integer NOT NULL,
	`receiver` text NOT NULL,
	`attempts` integer NOT NULL,
	`next` integer,
	`delivered` integer,
	`error` text,
	PRIMARY KEY(`incident`, `receiver`)
);
--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`next`);--> statement-breakpoint
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
	`subject` text,
	`source` text NOT NULL,
	`sentence` text NOT NULL,
	`is_private` integer NOT NULL,
	`record` integer,
	`evidence` text NOT NULL,
	`noticed` integer NOT NULL,
	`acknowledged` integer,
	`acknowledgement` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_cause_unique` ON `incidents` (`cause`);--> statement-breakpoint
CREATE INDEX `incidents_by_subject` ON `incidents` (`subject`);--> statement-breakpoint
CREATE INDEX `incidents_open` ON `incidents` (`source`,`kind`) WHERE acknowledged IS NULL;--> statement-breakpoint
CREATE TABLE `inspections` (
	`subject` text PRIMARY KEY NOT NULL,
	`integrity` text NOT NULL,
	`findings` text NOT NULL,
	`inspected` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log` (
	`id` integer PRIMARY KEY NOT NULL,
	`origin` text NOT NULL,
	`vkey` text NOT NULL,
	`namespace` text NOT NULL,
	`statement` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `own_signatures` (
	`package` text NOT NULL,
	`version` text NOT NULL,
	`keyid` text NOT NULL,
	`signature` text NOT NULL,
	PRIMARY KEY(`package`, `version`, `keyid`)
);
--> statement-breakpoint
CREATE TABLE `packages` (
	`id` integer PRIMARY KEY NOT NULL,
	`purl` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `packages_purl_unique` ON `packages` (`purl`);--> statement-breakpoint
CREATE TABLE `passes` (
	`id` integer PRIMARY KEY NOT NULL,
	`started` integer NOT NULL,
	`finished` integer,
	`error` text
);
--> statement-breakpoint
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
CREATE TABLE `probes` (
	`id` integer PRIMARY KEY NOT NULL,
	`registry` text NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL,
	`is_ok` integer NOT NULL,
	`status` integer,
	`latency` real,
	`size` integer,
	`duration` real,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `probes_by_registry` ON `probes` (`registry`,`at`);--> statement-breakpoint
CREATE TABLE `profiles` (
	`id` text PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`content` text NOT NULL,
	`created` integer NOT NULL,
	`updated` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `profiles_token_unique` ON `profiles` (`token`);--> statement-breakpoint
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
CREATE TABLE `registry_keys` (
	`namespace` text NOT NULL,
	`keyid` text NOT NULL,
	`key` text NOT NULL,
	`expires` text,
	`first_seen` integer NOT NULL,
	`is_published` integer NOT NULL,
	PRIMARY KEY(`namespace`, `keyid`)
);
--> statement-breakpoint
CREATE TABLE `takedowns` (
	`subject` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tiles` (
	`level` integer NOT NULL,
	`idx` integer NOT NULL,
	`hashes` blob NOT NULL,
	PRIMARY KEY(`level`, `idx`)
);
