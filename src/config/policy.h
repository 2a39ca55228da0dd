/*
 * Policies: settings that a server, a site and a route can have: networks that
 * are allowed or denied, fields of all responses, pages for errors. The
 * innermost setting counts: a route inherits from its site each kind of setting
 * that it does not have itself.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_POLICY_H
#define PRONG_CONFIG_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include <libconfig.h>

struct address;
struct configuration;
struct prefix;
struct report;

struct policy_field {
	const struct policy_field *next;
	const char *name, *value;
};

struct policy_page {
	const struct policy_page *next;
	int status;
	const char *type;
	const char *content; /* not NUL-terminated */
	size_t length;
};

struct policy {
	struct prefix *allow; /* allow_count 0: all clients */
	size_t allow_count;
	struct prefix *deny;
	size_t deny_count;
	const struct policy_field *fields;
	const struct policy_page *pages; /* the first page of a status counts */
};

#define POLICY_NAMES 4

/* Whether name is a setting of a policy; all such names, for messages. */
bool policy_knows(const char *name);
size_t policy_names(const char *names[POLICY_NAMES]);

/* Reads one setting into a policy that holds the inherited ones. Errors are
 * reported. */
void policy_read(struct configuration *configuration,
    const config_setting_t *setting, struct policy *policy,
    struct report *report);

/* Reads a list of addresses and networks; trusted_proxies uses it, too. */
void policy_read_prefixes(struct configuration *configuration,
    const config_setting_t *setting, struct prefix **prefixes, size_t *count,
    struct report *report);

/* The deny list goes first. Where there is an allow list, clients outside of it
 * are denied. */
bool policy_allows(const struct policy *policy, const struct address *client);

/* NULL when the policy has no page for that status. */
const struct policy_page *policy_find_page(const struct policy *policy,
    int status);

#endif
