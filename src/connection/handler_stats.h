/*
 * The functions by which handlers get statistics, for the table of handler_api.c. A
 * plugin that was built with an older header has shorter structures.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_STATS_H
#define PRONG_CONNECTION_HANDLER_STATS_H

#include <stdint.h>

#include <prong/handler.h>

/* Their part of the table. */
#define HANDLER_STATS_TABLE \
	.server_stats = handler_stats_server, \
	.connection_stats = handler_stats_connection, \
	.handler_stats = handler_stats_handler, \
	.history = handler_stats_history, \
	.generation_stats = handler_stats_generation, \
	.process_stats = handler_stats_process, \
	.reload_stats = handler_stats_reload

int32_t handler_stats_server(struct prong_request *request,
    struct prong_server_stats *stats, uint64_t size);
int32_t handler_stats_connection(struct prong_request *request,
    uint64_t *cursor, struct prong_connection_stats *stats, uint64_t size);
int32_t handler_stats_handler(struct prong_request *request, uint64_t *cursor,
    struct prong_handler_stats *stats, uint64_t size);
int32_t handler_stats_history(struct prong_request *request, uint64_t *cursor,
    struct prong_sample *sample, uint64_t size);
int32_t handler_stats_generation(struct prong_request *request,
    uint64_t *cursor, struct prong_generation_stats *stats, uint64_t size);
int32_t handler_stats_process(struct prong_request *request, uint64_t *cursor,
    struct prong_process_stats *stats, uint64_t size);
int32_t handler_stats_reload(struct prong_request *request,
    struct prong_reload_stats *stats, uint64_t size);

#endif
