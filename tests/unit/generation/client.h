/*
 * Connections of clients by TCP, for tests of who keeps and closes them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>

/* How long what has to happen may take. */
#define CLIENT_PATIENCE_MS 30000

/* Returns the client's end; *accepted is the server's. */
int client_connect(int *accepted);

/* The last close of such a server's end waits for the client, who does not read. */
int client_connect_lingering(int *accepted);

/* Whether the server has closed the connection. */
bool client_has_ended(int client, int patience_ms);

/* Whether octets that are written to the server's end come to the client. */
bool client_hears(int client, int accepted);

#endif
