# Runs in: connections.
# Includes: accesslog, message, plugin, sandbox, config, http, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/connection/access.c src/connection/access.h \
	src/connection/chain.c src/connection/chain.h \
	src/connection/complaint.c src/connection/complaint.h \
	src/connection/conclusion.c src/connection/conclusion.h \
	src/connection/confinement.c src/connection/confinement.h \
	src/connection/connection.c src/connection/connection.h \
	src/connection/connection_head.c \
	src/connection/connection_memory.c \
	src/connection/connection_proxy.c \
	src/connection/connection_record.c \
	src/connection/crash_handler.c src/connection/crash_handler.h \
	src/connection/descent.c src/connection/descent.h \
	src/connection/dispatch.c src/connection/dispatch.h \
	src/connection/first_handler.c src/connection/first_handler.h \
	src/connection/guardian.c src/connection/guardian.h \
	src/connection/handler_api.c src/connection/handler_api.h \
	src/connection/handler_stats.c src/connection/handler_stats.h \
	src/connection/handler_file.c src/connection/handler_file.h \
	src/connection/handler_kept.c src/connection/handler_kept.h \
	src/connection/handler_log.c src/connection/handler_log.h \
	src/connection/handler_state.c src/connection/handler_state.h \
	src/connection/handoff.c src/connection/handoff.h \
	src/connection/internal.h \
	src/connection/penalty.c src/connection/penalty.h \
	src/connection/reject.c src/connection/reject.h \
	src/connection/renewal.c src/connection/renewal.h \
	src/connection/statement.c src/connection/statement.h \
	src/connection/unread.c src/connection/unread.h
