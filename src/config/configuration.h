/*
 * The configuration: what the administrator wrote, checked and typed. The core
 * settings, sites and routes are read here; what a handler's group says is read
 * by its plugin's table of options (option.h) once the plugin is loaded.
 * Nothing here touches the disk: the texts come from sources.h.
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

#include "base/address.h"
#include "base/arena.h"
#include "base/identity.h"
#include "base/log.h"
#include "config/limit.h"
#include "config/policy.h"
#include "master/control.h"

struct prong_handler;
struct report;
struct sources;

/* A plugin in a route's chain, with its own configuration. */
struct handler {
	const char *name; /* the group's name, and the plugin's */
	const config_setting_t *group;
	const struct prong_handler *plugin; /* set by plugin_load_all */
	void *config;			    /* set by option_fill_all */
	size_t index;			    /* counts over the configuration */
	const struct route *route;
};

struct route {
	char *path; /* begins with "/"; normalised */
	size_t path_length;
	bool exact;
	struct handler *handlers;
	size_t handler_count;
	struct policy policy;
	struct limits limits;
	size_t rules; /* set by sandbox_new */
	const config_setting_t *setting;
};

struct site {
	char **hosts;	   /* lower case; "*.example.org" */
	size_t host_count; /* 0: answers any host */
	struct route *routes;
	size_t route_count;
	struct policy policy;
	struct limits limits;
	const config_setting_t *setting;
};

/* A host and its site, for finding: sorted by name. */
struct host {
	const char *name;
	const struct site *site;
	const config_setting_t *setting;
};

/* One of the two: an address, or the name of sockets that the service manager
 * passes. */
struct listen_setting {
	struct address address; /* length 0: a name */
	const char *name;	/* NULL: an address */
	const char *text;
	const config_setting_t *setting; /* NULL: a default */
};

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_ON,	 /* as far as the kernel can */
	SANDBOX_REQUIRED /* wholly, or not at all */
};

struct configuration {
	struct sources *sources;	/* owned; setting pointers lead there */
	struct listen_setting *listens; /* malloc */
	size_t listen_count;
	const char *user, *group; /* NULL when not set */
	struct identity identity; /* once looked up */
	bool log_to_syslog;
	const char *error_log; /* path; NULL: standard error, syslog */
	enum log_level log_level;
	const char *control; /* path, or NULL for none */
	bool control_is_default;
	const char *control_group_name; /* NULL when not set */
	gid_t control_group;		/* once looked up; (gid_t)-1: none */
	const char *access_log;		/* path, "-" or NULL for none */
	const char *access_log_format;
	const char *plugin_folder;
	enum sandbox_mode sandbox;
	const char *core_folder; /* NULL: no core files */
	char default_control[CONTROL_PATH_BYTES];
	size_t max_connections;
	size_t max_connections_per_client; /* 0: no limit */
	struct prefix *trusted_proxies;
	size_t trusted_proxy_count;
	bool proxy_protocol; /* the trusted ones must speak it */
	int64_t queue_timeout_ms;
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
	const struct site *default_site; /* for other hosts, and none */
	struct handler **handlers;	 /* all, by their index */
	size_t handler_count;
	struct arena arena; /* of what hangs here, options too */
	max_align_t first_block[128];
};

/*
 * Parses the sources, which the result then owns (on failure the caller keeps
 * them). Every error found is reported, with file and line; NULL when there
 * was one.
 */
struct configuration *configuration_parse(struct sources *sources,
    struct report *report);
void configuration_free(struct configuration *configuration);

/* Listens at these addresses instead. The texts must live as long. -1 after
 * reporting each that is wrong. */
int configuration_replace_listens(struct configuration *configuration,
    const char *const *texts, size_t count, struct report *report);

/* Reads such an entry, which the text must outlive. False, *why then saying what
 * is possible. */
bool configuration_parse_listen(const char *text, struct listen_setting *listen,
    const char **why);

/* Has prong(1) find the master at that path instead, or nowhere ("off"). -1
 * after reporting. */
int configuration_replace_control(struct configuration *configuration,
    const char *path, struct report *report);

/* Looks up control_group. -1 after reporting. */
int configuration_find_control(struct configuration *configuration,
    struct report *report);

/* The main file's setting of that name, for messages; NULL when not set. */
const config_setting_t *configuration_setting(
    const struct configuration *configuration, const char *name);

/* Whether that client is a proxy that speaks for many, and whether it must say
 * for whom. */
bool configuration_trusts(const struct configuration *configuration,
    const struct address *client);
bool configuration_wants_proxy_header(const struct configuration *configuration,
    const struct address *client);

/* Looks up whom the server is to serve as, once. -1 after reporting. */
int configuration_find_user(struct configuration *configuration,
    struct report *report);

/*
 * Walks over all handlers: *cursor begins at 0; NULL past the last.
 */
struct handler *configuration_next_handler(
    const struct configuration *configuration, size_t *cursor);

#endif
