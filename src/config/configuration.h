/*
 * The configuration: the administrator's settings, checked and typed. The core
 * settings, sites and routes are read here. The group of a handler is read by
 * its plugin's table of options (plugin/option.h) once the plugin is loaded.
 * This module does not touch the disk: the texts come from sources.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_CONFIGURATION_H
#define PRONG_CONFIG_CONFIGURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libconfig.h>

#include "base/arena.h"
#include "base/control_protocol.h"
#include "base/identity.h"
#include "base/log.h"
#include "config/host_index.h"
#include "config/limit.h"
#include "config/policy.h"

struct address;
struct handler;
struct host;
struct listen_setting;
struct log_format;
struct prefix;
struct report;
struct site;
struct sources;

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_ON,	 /* as far as the kernel supports it */
	SANDBOX_LOG,	 /* logs what "on" would refuse */
	SANDBOX_REQUIRED /* prongd does not serve without all of it */
};

enum missing_root_mode {
	MISSING_ROOT_WAIT, /* its routes answer 503 until there is one */
	MISSING_ROOT_ERROR /* no start */
};

/* Octets of a target that must be encoded (RFC 3986 2.1). */
enum target_mode {
	TARGET_STRICT, /* malformed if they are not */
	TARGET_USUAL   /* encoded for the client: uri_encode_target */
};

#define CONFIGURATION_WORKERS_MAX 256
/* As many workers as processors on which the process that starts them may run. */
#define CONFIGURATION_WORKERS_AUTO SIZE_MAX

struct configuration {
	struct sources *sources; /* owned; setting pointers point into it */
	struct listen_setting *listens; /* malloc */
	size_t listen_count;
	/* Where the status is served when all else is full, which is among the
	 * listens, too; NULL: nowhere. */
	const config_setting_t *status_listen_setting;
	const char *status_listen;
	const char *user, *group; /* NULL when not set */
	struct identity identity; /* once looked up */
	bool route_metrics;	  /* requests are counted by route, too */
	bool defer_accept; /* connections are taken once their octets come */
	bool log_to_syslog;
	const char *error_log; /* path; NULL: standard error, syslog */
	enum log_level log_level;
	const char *control; /* path, or NULL for none */
	bool control_is_default;
	const char *control_group_name; /* NULL when not set */
	gid_t control_group;		/* once looked up; (gid_t)-1: none */
	const char *access_log;		/* path, "-" or NULL for none */
	const struct log_format *access_log_format;
	const char *request_id_field; /* of responses; NULL: none */
	const char *plugin_folder;
	enum sandbox_mode sandbox;
	const char *core_folder; /* NULL: no core files */
	char default_control[CONTROL_PATH_BYTES];
	size_t workers; /* 0: none; or CONFIGURATION_WORKERS_AUTO */
	size_t max_connections;
	size_t max_connections_per_client;  /* 0: no limit */
	size_t max_connections_per_network; /* of IPv6; 0: no limit */
	struct prefix *trusted_proxies;
	size_t trusted_proxy_count;
	enum target_mode target;
	enum missing_root_mode missing_root;
	bool must_serve;     /* it is no reload: missing_root holds */
	bool proxy_protocol; /* trusted proxies must use it */
	int64_t queue_timeout_ms;
	int64_t park_after_ms; /* 0: connections stay in their processes */
	int64_t stop_grace_ms;
	int64_t drain_timeout_ms;
	size_t max_crashes;	  /* a minute, of a generation; 0: any */
	int64_t crash_penalty_ms; /* the first; 0: none */
	int64_t open_timeout_ms;  /* for all handlers' open together */
	struct policy policy;
	struct limits limits;
	struct site *sites;
	size_t site_count;
	struct host *hosts; /* of all sites */
	size_t host_count;
	struct host_index host_index;
	const struct site *default_site; /* for other hosts, and none */
	struct handler **handlers;	 /* all, by their index */
	size_t handler_count;
	struct arena arena; /* all memory above, and the options */
	max_align_t first_block[128];
};

/*
 * Parses the sources. The configuration returned owns them; on failure the
 * caller keeps them. Every error is reported with file and line. NULL after
 * an error.
 */
struct configuration *configuration_parse(struct sources *sources,
    struct report *report);
void configuration_free(struct configuration *configuration);

/* The same for a check of the rest: a configuration with errors is returned, if
 * its text could be parsed. What is wrong in it has a default or is missing. */
struct configuration *configuration_parse_most(struct sources *sources,
    struct report *report);

/* Replaces the setting listen by these addresses. The texts must outlive the
 * configuration. -1 after reporting each wrong address. */
int configuration_replace_listens(struct configuration *configuration,
    const char *const *texts, size_t count, struct report *report);

/* Replaces the path of the control socket of prong(1); with "off" there is no
 * control socket. -1 after reporting. */
int configuration_replace_control(struct configuration *configuration,
    const char *path, struct report *report);

/* The address of status_listen; false when it is not set. */
bool configuration_status_address(const struct configuration *configuration,
    struct address *address);

/* Looks up control_group. -1 after reporting. */
int configuration_find_control(struct configuration *configuration,
    struct report *report);

/* The setting of that name in the main file, for messages; NULL when unset. */
const config_setting_t *configuration_setting(
    const struct configuration *configuration, const char *name);

/* Whether the client is a proxy in trusted_proxies, and whether this proxy must
 * name its clients by the PROXY protocol. */
bool configuration_trusts(const struct configuration *configuration,
    const struct address *client);
bool configuration_wants_proxy_header(const struct configuration *configuration,
    const struct address *client);

/* Looks up the user and groups to serve as, once. -1 after reporting. */
int configuration_find_user(struct configuration *configuration,
    struct report *report);

/* Whether some route is fresh. */
bool configuration_has_fresh(const struct configuration *configuration);

/* Walks over all handlers: *cursor begins at 0; NULL after the last handler. */
struct handler *configuration_next_handler(
    const struct configuration *configuration, size_t *cursor);

#endif
