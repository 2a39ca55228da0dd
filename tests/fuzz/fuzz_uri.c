/*
 * A request target: taken apart, its path decoded, encoded as handlers do it
 * and decoded again, its query searched; and the same octets as a host. The
 * first octet chooses the method.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include "http/uri.h"
#include "plugins/shared/escape.h"

static void
check_within(struct slice whole, struct slice part)
{
	assert(part.len <= whole.len);
	if (part.len == 0)
		return;
	/* An absolute target without path has one of constant text. */
	if (part.len == 1 && part.data[0] == '/')
		return;
	assert(part.data >= whole.data);
	assert(part.data + part.len <= whole.data + whole.len);
}

static void
check_host(const struct uri_host *host)
{
	assert(host->port >= -1 && host->port <= 65535);
	assert(host->name.len <= URI_HOST_MAX_BYTES);
	for (size_t i = 0; i < host->name.len; i++)
		assert(!strchr("/?#@ \\\"<>", host->name.data[i]) &&
		    host->name.data[i] > ' ' && host->name.data[i] < 0x7f);
}

/* What a decoded path must never have, whoever sent it. */
static void
check_path(const char *path, size_t length)
{
	assert(length > 0 && path[0] == '/' && path[length] == '\0');
	assert(strlen(path) == length);
	assert(!strstr(path, "//"));
	assert(!strstr(path, "/./") && !strstr(path, "/../"));
	assert(length < 2 || strcmp(path + length - 2, "/.") != 0);
	assert(length < 3 || strcmp(path + length - 3, "/..") != 0);
	for (size_t i = 0; i < length; i++)
		assert((unsigned char)path[i] >= ' ' && path[i] != 0x7f &&
		    path[i] != '\\');
}

/* Decodes as whoever knows only what %XX means: a text as long as raw. */
static char *
decode_plainly(struct slice raw)
{
	char *text = fuzz_room(raw.len + 1), *at = text;

	for (size_t i = 0; i < raw.len; i++) {
		char hex[3] = { 0 };

		if (raw.data[i] != '%') {
			*at++ = raw.data[i];
			continue;
		}
		memcpy(hex, raw.data + i + 1, 2);
		*at++ = (char)strtol(hex, NULL, 16);
		i += 2;
	}
	*at = '\0';
	return text;
}

/* Normalises segment by segment, beginning anew at every "..". */
static void
check_normalised(struct slice raw, const char *path)
{
	char *text = decode_plainly(raw), *expected = fuzz_room(raw.len + 2);
	char *save = NULL, *segment, *end = expected;
	size_t length = strlen(text);
	int is_folder = text[length - 1] == '/' ||
	    (length > 1 && strcmp(text + length - 2, "/.") == 0) ||
	    (length > 2 && strcmp(text + length - 3, "/..") == 0);

	*end = '\0';
	for (segment = strtok_r(text, "/", &save); segment;
	     segment = strtok_r(NULL, "/", &save)) {
		if (strcmp(segment, "..") == 0) {
			end = strrchr(expected, '/');
			assert(end);
			*end = '\0';
		} else if (strcmp(segment, ".") != 0) {
			end = stpcpy(stpcpy(end, "/"), segment);
		}
	}
	if (is_folder || end == expected)
		strcpy(end, "/");
	assert(strcmp(expected, path) == 0);
	free(expected);
	free(text);
}

/* As handlers write it into Location and links. */
static void
check_encoding(const char *path, size_t length)
{
	char *encoded = fuzz_room(3 * length + 1), *again;
	size_t encoded_length = escape_path(encoded, path), again_length;

	assert(strlen(encoded) == encoded_length);
	assert(encoded_length >= length && encoded_length <= 3 * length);
	for (size_t i = 0; i < encoded_length; i++)
		assert(encoded[i] > ' ' && encoded[i] < 0x7f &&
		    !strchr("\"<>?#\\`", encoded[i]));
	again = fuzz_room(encoded_length + 1);
	assert(uri_decode_path((struct slice){ encoded, encoded_length }, again,
		   encoded_length + 1, &again_length) == URI_OK);
	assert(again_length == length && memcmp(again, path, length) == 0);
	free(again);
	free(encoded);
}

/* A path without encoded slashes is the same; another one is spelled in no more
 * octets than were sent. */
static void
check_marked(struct slice raw, enum uri_verdict verdict, const char *path)
{
	char *marked = fuzz_room(raw.len + 1), *spelled;
	enum uri_verdict other;
	size_t length;

	other = uri_decode_path_marked(raw, marked, raw.len + 1, &length);
	assert(verdict == other || verdict == URI_ENCODED_SLASH);
	if (verdict == URI_OK)
		assert(strcmp(marked, path) == 0);
	spelled = fuzz_room(raw.len + 1);
	if (other == URI_OK) {
		assert(uri_spell_path(marked, spelled) <= raw.len);
		assert(!strchr(spelled, URI_SLASH_MARK));
	}
	free(spelled);
	free(marked);
}

static void
decode_path(struct slice raw)
{
	char *path = fuzz_room(raw.len + 1);
	enum uri_verdict verdict;
	size_t length;

	verdict = uri_decode_path(raw, path, raw.len + 1, &length);
	assert(verdict != URI_TOO_LONG);
	assert(uri_verdict_text(verdict)[0] != '\0');
	assert((uri_verdict_status(verdict) == 0) == (verdict == URI_OK));
	check_marked(raw, verdict, path);
	if (verdict == URI_OK) {
		assert(length <= raw.len);
		check_path(path, length);
		check_normalised(raw, path);
		check_encoding(path, length);
	}
	free(path);
}

static void
search_query(struct slice query)
{
	static const char *const names[] = { "", "a", "name", "a b", "%" };
	char *value = fuzz_room(query.len + 1);
	size_t length;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		switch (uri_query_value(query, names[i], value, query.len + 1,
		    &length)) {
		case URI_QUERY_FOUND:
			assert(length <= query.len);
			assert(strlen(value) == length);
			break;
		case URI_QUERY_TOO_LONG:
			assert(!"as much room as is asked for");
			break;
		case URI_QUERY_ABSENT:
		case URI_QUERY_HAS_NUL:
			break;
		}
	}
	free(value);
}

static void
check_target(struct slice text, const struct uri_target *target)
{
	check_within(text, target->path);
	check_within(text, target->query);
	check_within(text, target->host.name);
	assert(target->has_host || target->host.name.len == 0);
	if (target->has_host)
		check_host(&target->host);
	if (target->form == URI_ORIGIN || target->form == URI_ABSOLUTE)
		assert(target->path.len > 0 && target->path.data[0] == '/');
	else
		assert(target->path.len == 0);
	assert(target->has_query || target->query.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "GET", "OPTIONS", "CONNECT" };
	const char *method = methods[fuzz_choice(&data, &size) % 3];
	struct slice text = { fuzz_copy(data, size), size };
	struct uri_target target;
	struct uri_host host;

	if (uri_target_parse(slice_from_string(method), text, &target) ==
	    URI_OK) {
		check_target(text, &target);
		decode_path(target.path);
		search_query(target.query);
	}
	if (size > 0 && text.data[0] == '/')
		decode_path(text);
	search_query(text);
	if (uri_host_parse(text, &host)) {
		check_within(text, host.name);
		check_host(&host);
	}
	free((char *)(uintptr_t)text.data);
	return 0;
}
