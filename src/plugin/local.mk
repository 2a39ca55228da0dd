# Runs in: the loader checks plugins, generations load and start them.
# Includes: sandbox, config, base.

src_libprong_core_a_SOURCES += \
	src/plugin/option.c src/plugin/option.h \
	src/plugin/option_check.c \
	src/plugin/plugin.c src/plugin/plugin.h \
	src/plugin/plugin_check.c src/plugin/plugin_check.h \
	src/plugin/plugin_maps.c src/plugin/plugin_maps.h \
	src/plugin/plugin_open.c src/plugin/plugin_open.h \
	src/plugin/plugin_start.c src/plugin/plugin_start.h \
	src/plugin/secrets.c src/plugin/secrets.h
