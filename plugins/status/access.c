/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "status/access.h"

#include <arpa/inet.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <prong/handler.h>

#include "shared/escape.h"

/* The fields by which proxies say that they pass a request on (RFC 7239, RFC 9110
 * 7.6.3, and what was there before). */
static const char *const forwarded[] = { "Forwarded", "X-Forwarded-For",
	"X-Forwarded-Host", "X-Real-IP", "Via" };

/* Whether the text is an IPv4 address, or an IPv6 address, in brackets or not. */
static bool
is_literal(const char *host)
{
	unsigned char octets[sizeof(struct in6_addr)];
	char inner[INET6_ADDRSTRLEN];
	size_t length = strlen(host);

	if (inet_pton(AF_INET, host, octets) == 1)
		return true;
	if (host[0] == '[' && host[length - 1] == ']') {
		host++;
		length -= 2;
	}
	if (length >= sizeof(inner))
		return false;
	memcpy(inner, host, length);
	inner[length] = '\0';
	return inet_pton(AF_INET6, inner, octets) == 1;
}

/* A client of HTTP/1.0 that names no host is no browser. */
static bool
is_known_host(const char *host, uint64_t facts)
{
	return host[0] == '\0' || (facts & PRONG_FACT_HOST) != 0 ||
	    strcmp(host, "localhost") == 0 || strcmp(host, "localhost.") == 0 ||
	    is_literal(host);
}

static bool
is_loopback(const char *client)
{
	return client[0] == '\0' || strncmp(client, "127.", 4) == 0 ||
	    strcmp(client, "::1") == 0;
}

/* The field that says that a proxy has passed the request on; NULL: none. */
static const char *
forwarding_field(struct prong_request *request)
{
	size_t i;

	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		if (prong_request_field(request, forwarded[i]))
			return forwarded[i];
	return NULL;
}

static bool
is_cross_site(struct prong_request *request)
{
	const char *site = prong_request_field(request, "Sec-Fetch-Site");

	return site && strcasecmp(site, "cross-site") == 0;
}

/* Begins the response, which the caller goes on with. */
static void
refuse(struct prong_request *request, const char *why)
{
	prong_status(request, 403);
	prong_field(request, "Content-Type", "text/plain; charset=utf-8");
	prong_field(request, "X-Content-Type-Options", "nosniff");
	prong_field(request, "Cross-Origin-Resource-Policy", "same-origin");
	prong_print(request,
	    "403 Forbidden: the status is not shown here.\n\n");
	prong_print(request, why);
	prong_log(request, PRONG_LOG_INFO, "the status is not shown: %.60s",
	    why);
}

static void
refuse_host(struct prong_request *request, const char *host)
{
	refuse(request, "The host of the request is not known: \"");
	escape_plain(request, host);
	prong_print(request,
	    "\".\nPossible: an address, localhost, or a name among the hosts "
	    "of "
	    "the site, as in\nhosts = [ \"");
	escape_plain(request, host);
	prong_print(request, "\" ]; see prong-status(5).\n");
}

static void
refuse_site(struct prong_request *request)
{
	refuse(request,
	    "The request comes from a page of another site.\n"
	    "Possible: the address of the status, typed or from a bookmark.\n");
}

static void
refuse_proxy(struct prong_request *request, const char *field)
{
	refuse(request,
	    "A proxy has passed the request on, as it has the field ");
	prong_printf(request, "%s.\n", field);
	prong_print(request,
	    "Possible: the address of the proxy in trusted_proxies, and the "
	    "clients who may\nsee the status in allow of the route; see "
	    "prong-status(5).\n");
}

static void
refuse_unnamed(struct prong_request *request)
{
	refuse(request,
	    "The client behind the proxy is not known.\n"
	    "Possible: proxy_protocol = true, or a list allow in the route; "
	    "see "
	    "prong-status(5).\n");
}

static void
refuse_client(struct prong_request *request)
{
	refuse(request, "The client is not on this machine: ");
	escape_plain(request, prong_client(request, NULL));
	prong_print(request,
	    ".\nPossible: its address or network in the route, as in\nallow = "
	    "[ \"127.0.0.0/8\", \"::1\", \"");
	escape_plain(request, prong_client(request, NULL));
	prong_print(request, "\" ]; see prong-status(5).\n");
}

/* The rules of who may see it, by the route's list or its default. */
static bool
check_client(struct prong_request *request, uint64_t facts, bool is_forwarded)
{
	if (facts & PRONG_FACT_ALLOW)
		return true;
	if (!is_loopback(prong_client(request, NULL))) {
		refuse_client(request);
		return false;
	}
	if (is_forwarded && (facts & PRONG_FACT_UNNAMED)) {
		refuse_unnamed(request);
		return false;
	}
	return true;
}

bool
access_check(struct prong_request *request)
{
	const uint64_t facts = prong_facts(request);
	const char *host = prong_host(request);
	const char *field = forwarding_field(request);

	if (!is_known_host(host, facts))
		refuse_host(request, host);
	else if (is_cross_site(request))
		refuse_site(request);
	else if (field && !(facts & PRONG_FACT_PROXY))
		refuse_proxy(request, field);
	else
		return check_client(request, facts, field);
	return false;
}
