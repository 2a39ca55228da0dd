/*
 * flag - a file decides on the response: after "echo drain > flag" the next
 * request gets that response. No state is kept between requests.
 *
 * Without rules the response is the file's text. With rules the text selects a
 * response, or leaves the request to the next handler of the route.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "flag/flagfile.h"
#include "shared/extra_fields.h"

/* The response for a text of the flag, or for texts without a rule. */
struct rule {
	const char *when; /* unused in "otherwise" */
	int32_t decline;
	int64_t status;
	struct prong_strings fields;
	const char *body; /* NULL: not set */

	struct extra_fields extra_fields; /* made by open() */
};

struct flag {
	const char *file;
	int64_t max_size;
	struct prong_groups rules; /* struct rule */
	struct rule otherwise;
};

static bool
is_get(struct prong_request *request)
{
	const char *method = prong_method(request);

	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* OPTIONS is answered as GET is, because HAProxy asks by it for the state. */
static bool
is_options(struct prong_request *request)
{
	return strcmp(prong_method(request), "OPTIONS") == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether the flag's text, without a byte order mark and white space around it,
 * is the wanted one. */
static bool
is_same(const char *text, size_t length, const char *wanted)
{
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	while (length > 0 && is_blank(*text)) {
		text++;
		length--;
	}
	return strlen(wanted) == length && memcmp(text, wanted, length) == 0;
}

static int
respond(struct prong_request *request, const struct rule *rule,
    const char *text, size_t length)
{
	prong_status(request, (int)rule->status);
	prong_field(request, "Content-Type", "text/plain; charset=utf-8");
	extra_fields_set(&rule->extra_fields, request);
	prong_write(request, text, length);
	return PRONG_DONE;
}

/* A 2xx whose rule has no body gets the flag's text as its body; the server has
 * pages for redirects and errors. */
static int
apply(struct prong_request *request, const struct rule *rule, const char *text,
    size_t length)
{
	if (rule->decline)
		return PRONG_DECLINED;
	prong_field(request, "Cache-Control", "no-store");
	/* The flag decides on requests of all methods, but as a resource it
	 * knows only GET. */
	if (rule->status < 300 && !is_get(request)) {
		prong_field(request, "Allow", "GET, HEAD, OPTIONS");
		if (!is_options(request))
			return 405;
	}
	if (rule->body)
		return respond(request, rule, rule->body, strlen(rule->body));
	if (rule->status < 300 && rule->status != 204 && rule->status != 205)
		return respond(request, rule, text, length);
	extra_fields_set(&rule->extra_fields, request);
	return (int)rule->status;
}

static int
handle(struct prong_request *request, const void *config)
{
	static const struct rule plain = { .status = 200 };
	const struct flag *flag = config;
	const struct rule *rule = flag->rules.items;
	const char *why;
	size_t length;
	char *text;
	uint64_t i;

	text = flagfile_read(request, flag->file, (size_t)flag->max_size,
	    &length, &why);
	if (!text) {
		prong_log(request, PRONG_LOG_WARNING,
		    "cannot read the flag "
		    "file %s: %s",
		    flag->file, why);
		return apply(request, &flag->otherwise, "", 0);
	}
	if (flag->rules.count == 0)
		return apply(request, &plain, text, length);
	for (i = 0; i < flag->rules.count; i++, rule++)
		if (is_same(text, length, rule->when))
			return apply(request, rule, text, length);
	prong_log(request, PRONG_LOG_WARNING,
	    "no rule for the text of the flag file %s: \"%.*s\"", flag->file,
	    (int)strcspn(text, "\r\n"), text);
	return apply(request, &flag->otherwise, text, length);
}

static int
prepare(struct prong_opening *opening, const char *option, struct rule *rule)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.fields", option);
	return extra_fields_parse(&rule->extra_fields, opening, name,
	    &rule->fields);
}

/* Reports a rule that can never apply. */
static int
check_when(struct prong_opening *opening, struct rule *rules, uint64_t at)
{
	char name[64];
	uint64_t i;

	snprintf(name, sizeof(name), "rules.[%u].when", (unsigned)at);
	if (!is_same(rules[at].when, strlen(rules[at].when), rules[at].when)) {
		prong_open_error(opening, name,
		    "\"%s\": white space around "
		    "the flag's text does not count, so this is never found",
		    rules[at].when);
		return -1;
	}
	for (i = 0; i < at; i++)
		if (strcmp(rules[i].when, rules[at].when) == 0) {
			prong_open_error(opening, name,
			    "\"%s\" has a rule "
			    "before this one",
			    rules[at].when);
			return -1;
		}
	return 0;
}

static int
setup(struct prong_opening *opening, void *config)
{
	struct flag *flag = config;
	struct rule *rules;
	char option[32];
	int result;
	uint64_t i;

	result = prepare(opening, "otherwise", &flag->otherwise);
	if (flag->rules.count == 0)
		return result;
	/* The server's list is const, so the parsed fields need a copy. */
	rules = prong_open_alloc(opening, flag->rules.count * sizeof(*rules));
	if (!rules) {
		prong_open_error(opening, NULL, "out of memory");
		return -1;
	}
	memcpy(rules, flag->rules.items, flag->rules.count * sizeof(*rules));
	flag->rules.items = rules;
	for (i = 0; i < flag->rules.count; i++) {
		snprintf(option, sizeof(option), "rules.[%u]", (unsigned)i);
		result |= prepare(opening, option, &rules[i]);
		result |= check_when(opening, rules, i);
	}
	return result;
}

#define RESPONSE_OPTIONS(default_status) \
	PRONG_INT(struct rule, status, default_status, 200, 599, \
	    "of the response"), \
	    PRONG_STRINGS(struct rule, fields, \
		"further fields of the response, \"Name: value\""), \
	    PRONG_STRING(struct rule, body, NULL, "text of the response"), \
	    PRONG_BOOL(struct rule, decline, 0, \
		"leave the request to the next handler"), \
	    PRONG_END,

static const struct prong_option rule_options[] = {
	PRONG_STRING_REQUIRED(struct rule, when, "the text of the flag"),
	RESPONSE_OPTIONS(200)
};

static const struct prong_option otherwise_options[] = {
	RESPONSE_OPTIONS(503)
};

static const struct prong_option options[] = {
	PRONG_PATH(struct flag, file,
	    PRONG_READ | PRONG_MAY_BE_ABSENT | PRONG_REQUIRED, NULL,
	    "the flag file"),
	PRONG_SIZE(struct flag, max_size, "4 KiB", 1, 1024 * 1024,
	    "of the flag file; a larger one counts as unreadable"),
	PRONG_GROUPS(struct flag, rules, struct rule, rule_options,
	    "the responses to texts of the flag"),
	PRONG_GROUP(struct flag, otherwise, struct rule, otherwise_options,
	    "the response when the flag is missing or has no rule"),
	PRONG_END,
};

/* A gate: a flag before other handlers decides on their requests, too. */
PRONG_HANDLER(.name = "flag", .summary = "responds as a file says",
    .options = options, .config_size = sizeof(struct flag),
    .state_size = sizeof(struct flagfile_empty),
    .methods = PRONG_GATE | PRONG_GET | PRONG_OPTIONS, .open = setup,
    .handle = handle, .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
