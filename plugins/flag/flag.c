/*
 * flag - responds as a file says: "echo drain > flag" and the next request has
 * that response. Nothing is remembered between requests.
 *
 * Without rules the response is the file's text. With rules its text decides on
 * the response, or that the next handler of the route is asked.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "flag/flagfile.h"
#include "shared/extra_fields.h"

/* The response to a text of the flag, or to a text without a rule. */
struct rule {
	const char *when; /* not of otherwise */
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

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether the flag's text, white space around it apart, is the word. */
static bool
is_same(const char *text, size_t length, const char *word)
{
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	while (length > 0 && is_blank(*text)) {
		text++;
		length--;
	}
	return strlen(word) == length && memcmp(text, word, length) == 0;
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

/* A 2xx without a body of its own says what the flag says; the server has pages
 * for redirects and errors. */
static int
give(struct prong_request *request, const struct rule *rule, const char *text,
    size_t length)
{
	if (rule->decline)
		return PRONG_DECLINED;
	prong_field(request, "Cache-Control", "no-store");
	/* The flag is asked about every request, but is nothing to post to. */
	if (rule->status < 300 && !is_get(request)) {
		prong_field(request, "Allow", "GET, HEAD, OPTIONS");
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
		return give(request, &flag->otherwise, "", 0);
	}
	if (flag->rules.count == 0)
		return give(request, &plain, text, length);
	for (i = 0; i < flag->rules.count; i++, rule++)
		if (is_same(text, length, rule->when))
			return give(request, rule, text, length);
	prong_log(request, PRONG_LOG_WARNING,
	    "no rule for what the flag file "
	    "%s says: \"%.*s\"",
	    flag->file, (int)strcspn(text, "\r\n"), text);
	return give(request, &flag->otherwise, text, length);
}

static int
prepare(struct prong_opening *opening, const char *option, struct rule *rule)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.fields", option);
	return extra_fields_parse(&rule->extra_fields, opening, name,
	    &rule->fields);
}

/* Two rules for the same word: the second would never be asked. */
static int
check_words(struct prong_opening *opening, struct rule *rules, uint64_t at)
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
	/* The server's list is const: fields are kept in a copy. */
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
		result |= check_words(opening, rules, i);
	}
	return result;
}

#define ANSWER_OPTIONS(default_status) \
	PRONG_INT(struct rule, status, default_status, 200, 599, \
	    "of the response"), \
	    PRONG_STRINGS(struct rule, fields, \
		"further fields of the response, \"Name: value\""), \
	    PRONG_STRING(struct rule, body, NULL, "text of the response"), \
	    PRONG_BOOL(struct rule, decline, 0, \
		"leave the request to the next handler"), \
	    PRONG_END,

static const struct prong_option rule_options[] = {
	PRONG_STRING_REQUIRED(struct rule, when, "what the flag says"),
	ANSWER_OPTIONS(200)
};

static const struct prong_option otherwise_options[] = { ANSWER_OPTIONS(503) };

static const struct prong_option options[] = {
	PRONG_PATH(struct flag, file,
	    PRONG_READ | PRONG_MAY_BE_ABSENT | PRONG_REQUIRED, NULL,
	    "the flag file"),
	PRONG_SIZE(struct flag, max_size, "4 KiB", 1, 1024 * 1024,
	    "of the flag file; a larger one counts as unreadable"),
	PRONG_GROUPS(struct flag, rules, struct rule, rule_options,
	    "what to do when the flag says what"),
	PRONG_GROUP(struct flag, otherwise, struct rule, otherwise_options,
	    "what to do when there is no flag, or no rule for it"),
	PRONG_END,
};

/* Of all methods: where the flag stands before other handlers, it decides on
 * their requests too. */
PRONG_HANDLER(.name = "flag", .summary = "answers what a file says",
    .options = options, .config_size = sizeof(struct flag),
    .methods = PRONG_GET | PRONG_POST | PRONG_PUT | PRONG_DELETE | PRONG_PATCH,
    .open = setup, .handle = handle);
