/*
 * The forms of a request target, and the texts of their errors.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/uri.h"

#include <string.h>

#include "http/uri_octets.h"

static const char *const verdict_texts[] = {
	[URI_OK] = "the target is well-formed",
	[URI_BAD_FORM] = "the request target has no form that suits the method",
	[URI_BAD_SCHEME] = "the scheme of the target is neither http nor https",
	[URI_BAD_AUTHORITY] = "the authority of the target is malformed",
	[URI_BAD_OCTET] =
	    "the target has an octet that must be percent-encoded",
	[URI_BAD_ENCODING] =
	    "the path has a % that two hex digits do not follow",
	[URI_ENCODED_SLASH] = "the path has an encoded slash",
	[URI_FORBIDDEN_OCTET] = "the path has an encoded NUL or control octet",
	[URI_BACKSLASH] = "the path has an encoded backslash",
	[URI_BAD_UTF8] = "the path is not UTF-8",
	[URI_ABOVE_ROOT] = "the path leads above the root",
	[URI_TOO_LONG] = "the path is too long",
};

int
uri_verdict_status(enum uri_verdict verdict)
{
	switch (verdict) {
	case URI_OK:
		return 0;
	case URI_TOO_LONG:
		return 414;
	case URI_BACKSLASH:
	case URI_BAD_UTF8:
		return 404;
	default:
		return 400;
	}
}

const char *
uri_verdict_text(enum uri_verdict verdict)
{
	return verdict_texts[verdict];
}

static bool
holds_only(struct slice text, unsigned what)
{
	for (size_t i = 0; i < text.len; i++)
		if (!uri_may_hold(text.data[i], what) && text.data[i] != '%')
			return false;
	return true;
}

static bool
is_encoded_well(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '%' &&
		    uri_decode_triplet(slice_skip(text, i)) < 0)
			return false;
	return true;
}

/* path [ "?" query ]. Browsers send a "%" in a query as it was typed, so it
 * need not begin an encoded octet there. */
static enum uri_verdict
split_query(struct slice text, struct uri_target *out)
{
	const char *mark = memchr(text.data, '?', text.len);

	out->path = text;
	if (mark) {
		out->path.len = (size_t)(mark - text.data);
		out->has_query = true;
		out->query = slice_skip(text, out->path.len + 1);
	}
	if (!holds_only(out->path, URI_PATH) ||
	    !holds_only(out->query, URI_QUERY))
		return URI_BAD_OCTET;
	return is_encoded_well(out->path) ? URI_OK : URI_BAD_ENCODING;
}

/* host ":" port; the port is required (RFC 9112 3.2.3). */
static enum uri_verdict
parse_authority_form(struct slice target, struct uri_target *out)
{
	if (!uri_host_parse(target, &out->host) || out->host.port < 0)
		return URI_BAD_AUTHORITY;
	out->form = URI_AUTHORITY;
	out->has_host = true;
	return URI_OK;
}

/* ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 3.1) */
static bool
is_scheme_octet(char octet, bool first)
{
	char letter = (char)(octet | 0x20);

	if (letter >= 'a' && letter <= 'z')
		return true;
	return !first &&
	    (uri_is_digit(octet) || octet == '+' || octet == '-' ||
		octet == '.');
}

/* Takes scheme "://" off the beginning. */
static bool
take_scheme(struct slice *target, struct slice *scheme)
{
	size_t n = 0;

	while (n < target->len && is_scheme_octet(target->data[n], n == 0))
		n++;
	if (n == 0 || target->len - n < 3 ||
	    memcmp(target->data + n, "://", 3) != 0)
		return false;
	*scheme = (struct slice){ target->data, n };
	*target = slice_skip(*target, n + 3);
	return true;
}

/* An http URI without a host is invalid (RFC 9110 4.2.1). A URI with userinfo
 * is refused, too (4.2.4), as no host may contain its "@". */
static enum uri_verdict
take_authority(struct slice *target, struct uri_target *out)
{
	struct slice authority = *target;
	size_t n = 0;

	while (n < target->len && target->data[n] != '/' &&
	    target->data[n] != '?')
		n++;
	authority.len = n;
	if (n == 0 || !uri_host_parse(authority, &out->host))
		return URI_BAD_AUTHORITY;
	out->has_host = true;
	*target = slice_skip(*target, n);
	return URI_OK;
}

static enum uri_verdict
parse_absolute_form(struct slice scheme, struct slice target, bool is_options,
    struct uri_target *out)
{
	enum uri_verdict verdict;

	out->https = slice_is_nocase(scheme, "https");
	if (!out->https && !slice_is_nocase(scheme, "http"))
		return URI_BAD_SCHEME;
	verdict = take_authority(&target, out);
	if (verdict != URI_OK)
		return verdict;
	out->form = URI_ABSOLUTE;
	if (target.len == 0 && is_options) {
		out->form = URI_ASTERISK;
		return URI_OK;
	}
	verdict = split_query(target, out);
	if (out->path.len == 0)
		out->path = slice_from_string("/");
	return verdict;
}

static enum uri_verdict
parse_form(struct slice method, struct slice target, struct uri_target *out)
{
	bool is_options = slice_is(method, "OPTIONS");
	struct slice scheme;

	if (slice_is(method, "CONNECT"))
		return parse_authority_form(target, out);
	if (is_options && slice_is(target, "*")) {
		out->form = URI_ASTERISK;
		return URI_OK;
	}
	if (target.len > 0 && target.data[0] == '/') {
		out->form = URI_ORIGIN;
		return split_query(target, out);
	}
	if (!take_scheme(&target, &scheme))
		return URI_BAD_FORM;
	return parse_absolute_form(scheme, target, is_options, out);
}

enum uri_verdict
uri_target_parse(struct slice method, struct slice target,
    struct uri_target *out)
{
	struct uri_target parsed = { .host = { .port = -1 } };
	enum uri_verdict verdict = parse_form(method, target, &parsed);

	if (verdict == URI_OK)
		*out = parsed;
	return verdict;
}
