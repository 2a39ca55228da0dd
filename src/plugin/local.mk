# Runs in: the loader checks plugins, generations load and start them.
# Includes: sandbox, config, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/plugin/backtrace.c src/plugin/backtrace.h \
	src/plugin/leftovers.c src/plugin/leftovers.h \
	src/plugin/option.c src/plugin/option.h \
	src/plugin/option_check.c \
	src/plugin/plugin_check.c src/plugin/plugin_check.h \
	src/plugin/plugin_descriptor.c src/plugin/plugin_descriptor.h \
	src/plugin/plugin_elf.c src/plugin/plugin_elf.h \
	src/plugin/plugin_linked.c src/plugin/plugin_linked.h \
	src/plugin/plugin_load.c src/plugin/plugin_load.h \
	src/plugin/plugin_log.c src/plugin/plugin_log.h \
	src/plugin/plugin_maps.c src/plugin/plugin_maps.h \
	src/plugin/plugin_set.c src/plugin/plugin_set.h \
	src/plugin/plugin_start.c src/plugin/plugin_start.h \
	src/plugin/plugin_trial.c src/plugin/plugin_trial.h \
	src/plugin/secrets.c src/plugin/secrets.h \
	src/plugin/symbols.c src/plugin/symbols.h
