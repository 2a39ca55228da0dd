/*
 * The setting listen, a list of addresses and of names. See configuration.h;
 * one entry is read in listen_setting.c.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "config/internal.h"
#include "config/listen_setting.h"
#include "config/report.h"
#include "config/setting.h"

#define LISTENS_MAX 256

static bool
means_same(const struct listen_setting *a, const struct listen_setting *b)
{
	if (a->name || b->name)
		return a->name && b->name && strcmp(a->name, b->name) == 0;
	/* The kernel chooses another port each time for port 0. */
	return address_equal(&a->address, &b->address) &&
	    address_port(&a->address) != 0;
}

static bool
is_listened(const struct configuration *c, const struct listen_setting *listen)
{
	size_t i;

	for (i = 0; i < c->listen_count; i++)
		if (means_same(&c->listens[i], listen))
			return true;
	return false;
}

/* There is room for status_listen, too. */
static int
reserve_listens(struct configuration *c, size_t count, struct report *report)
{
	free(c->listens);
	c->listen_count = 0;
	c->listens = calloc(count + 1, sizeof(*c->listens));
	if (c->listens)
		return 0;
	report_error(report, NULL, "listen: out of memory");
	return -1;
}

static void
add_listen(struct configuration *c, const char *text,
    const config_setting_t *setting, struct report *report)
{
	struct listen_setting listen;
	const char *why = "";

	if (!listen_setting_parse(text, &listen, &why)) {
		report_error(report, setting, "listen: found \"%s\": %s", text,
		    why);
		return;
	}
	listen.setting = setting;
	if (is_listened(c, &listen))
		report_error(report, setting,
		    "listen: found \"%s\" twice; "
		    "possible: each address and name once",
		    text);
	else
		c->listens[c->listen_count++] = listen;
}

void
configuration_add_status_listen(struct configuration *c, struct report *report)
{
	if (c->status_listen && c->listens)
		add_listen(c, c->status_listen, c->status_listen_setting,
		    report);
}

/* The generation knows the socket by its address, so it must have a fixed one. */
void
configuration_read_status_listen(struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	const char *text = setting_string(s, report), *why = "";
	struct listen_setting listen;

	if (!text)
		return;
	if (!listen_setting_parse(text, &listen, &why) || listen.name ||
	    address_port(&listen.address) == 0) {
		setting_wrong(s, report,
		    "an address, such as "
		    "\"unix:/run/prong/status\" or \"127.0.0.1:8081\"");
		return;
	}
	c->status_listen = text;
	c->status_listen_setting = s;
}

bool
configuration_status_address(const struct configuration *c,
    struct address *address)
{
	const char *why;

	return c->status_listen &&
	    address_parse_listen(c->status_listen, address, &why);
}

int
configuration_replace_listens(struct configuration *c, const char *const *texts,
    size_t count, struct report *report)
{
	unsigned before = report->errors;
	size_t i;

	if (reserve_listens(c, count, report) < 0)
		return -1;
	for (i = 0; i < count; i++)
		add_listen(c, texts[i], NULL, report);
	configuration_add_status_listen(c, report);
	return report->errors == before ? 0 : -1;
}

void
configuration_read_listen(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	long i, count = setting_check_strings(s, report);

	if (count == 0 || count > LISTENS_MAX)
		setting_wrong(s, report,
		    "from 1 to %d addresses, such as "
		    "\"127.0.0.1:8080\", \"[::]:80\", \"unix:/run/x\" or "
		    "\"systemd:http\"",
		    LISTENS_MAX);
	if (count <= 0 || count > LISTENS_MAX ||
	    reserve_listens(c, (size_t)count, report) < 0)
		return;
	for (i = 0; i < count; i++) {
		const config_setting_t *element = setting_string_at(s, i);

		add_listen(c, config_setting_get_string(element), element,
		    report);
	}
}

/* Whether this machine has it: IPv6 can be switched off. */
static bool
has_family(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 || errno != EAFNOSUPPORT;

	descriptor_close(fd);
	return has;
}

/* The default is port 80 at all addresses of the families that there are, as in
 * other web servers. Where port 80 needs root, the error of bind says so. */
void
configuration_default_listens(struct configuration *c, struct report *report)
{
	static const char *const texts[] = { "0.0.0.0:80", "[::]:80" };
	const bool v4 = has_family(AF_INET), v6 = has_family(AF_INET6);

	if (v4 == v6)
		configuration_replace_listens(c, texts, 2, report);
	else
		configuration_replace_listens(c, texts + (v4 ? 0 : 1), 1,
		    report);
}
