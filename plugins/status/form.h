/*
 * The forms of the status, and which of them a request is for.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_FORM_H
#define STATUS_FORM_H

struct prong_request;

enum form {
	FORM_UNKNOWN, /* the query names one that there is not */
	FORM_TEXT,
	FORM_JSON,
	FORM_PROMETHEUS, /* its text form, version 0.0.4 */
	FORM_OPENMETRICS /* version 1.0.0 */
};

/* By "format" of the query; else by the rest of the path behind the route's; else
 * by Accept. */
enum form form_of(struct prong_request *request);

/* For Content-Type. */
const char *form_type(enum form form);

#endif
