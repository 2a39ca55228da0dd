# Runs in: the config loader, every generation, prongd -t.
# Includes: http, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/config/configuration.c src/config/configuration.h \
	src/config/configuration_listen.c \
	src/config/configuration_log.c \
	src/config/folder_site.c src/config/folder_site.h \
	src/config/handler.h \
	src/config/internal.h \
	src/config/limit.c src/config/limit.h \
	src/config/listen_setting.c src/config/listen_setting.h \
	src/config/log_format.c src/config/log_format.h \
	src/config/place.c src/config/place.h \
	src/config/policy.c src/config/policy.h \
	src/config/pool_setting.c src/config/pool_setting.h \
	src/config/reduction.c src/config/reduction.h \
	src/config/report.c src/config/report.h \
	src/config/host_index.c src/config/host_index.h \
	src/config/route.c src/config/route.h \
	src/config/server_setting.c src/config/server_setting.h \
	src/config/setting.c src/config/setting.h \
	src/config/site.c src/config/site.h \
	src/config/site_route.c src/config/site_route.h \
	src/config/sources.c src/config/sources.h \
	src/config/syntax.c src/config/syntax.h
