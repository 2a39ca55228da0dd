# Runs in: connections.
# Includes: message, config, http, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/accesslog/accesslog.c src/accesslog/accesslog.h \
	src/accesslog/accesslog_claim.c \
	src/accesslog/accesslog_format.c \
	src/accesslog/accesslog_json.c \
	src/accesslog/accesslog_line.c \
	src/accesslog/accesslog_time.c \
	src/accesslog/internal.h
