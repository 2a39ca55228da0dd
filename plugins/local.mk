# The handlers that come with prong. Like handlers of other authors they need
# only <prong/handler.h>. They are in plugins/.libs until they are installed.
#
# For plugins/NAME.c, add the two lines
#	pkglib_LTLIBRARIES += plugins/NAME.la
#	plugins_NAME_la_LDFLAGS = $(plugin_ldflags)
# and for a handler of several files also
#	plugins_NAME_la_SOURCES = plugins/NAME/one.c plugins/NAME/two.c
#
# SPDX-License-Identifier: ISC

plugin_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared \
	$(PLUGIN_DEFS_LDFLAGS) -Wl,-z,now

pkglib_LTLIBRARIES += \
	plugins/echo.la \
	plugins/flag.la \
	plugins/static.la \
	plugins/status.la

plugins_echo_la_LDFLAGS = $(plugin_ldflags)

plugins_flag_la_LDFLAGS = $(plugin_ldflags)
plugins_flag_la_SOURCES = \
	plugins/flag/flag.c \
	plugins/flag/flagfile.c plugins/flag/flagfile.h \
	plugins/shared/extra_fields.c plugins/shared/extra_fields.h

plugins_static_la_LDFLAGS = $(plugin_ldflags)
plugins_static_la_SOURCES = \
	plugins/shared/escape.c plugins/shared/escape.h \
	plugins/shared/extra_fields.c plugins/shared/extra_fields.h \
	plugins/shared/negotiate.c plugins/shared/negotiate.h \
	plugins/static/response.c plugins/static/response.h \
	plugins/static/at_once.c plugins/static/at_once.h \
	plugins/static/base.c plugins/static/base.h \
	plugins/static/beneath.c plugins/static/beneath.h \
	plugins/static/cache.c plugins/static/cache.h \
	plugins/static/config.h \
	plugins/static/file.c plugins/static/file.h \
	plugins/static/listing.c plugins/static/listing.h \
	plugins/static/listing_order.c plugins/static/listing_order.h \
	plugins/static/listing_page.c \
	plugins/static/resolve.c plugins/static/resolve.h \
	plugins/static/precompressed.c plugins/static/precompressed.h \
	plugins/static/setup.c plugins/static/setup.h \
	plugins/static/static.c \
	plugins/static/types.c plugins/static/types.h \
	plugins/static/validators.c plugins/static/validators.h

plugins_status_la_LDFLAGS = $(plugin_ldflags)
plugins_status_la_SOURCES = \
	plugins/shared/escape.c plugins/shared/escape.h \
	plugins/shared/negotiate.c plugins/shared/negotiate.h \
	plugins/status/counts.h \
	plugins/status/json.c plugins/status/json.h \
	plugins/status/status.c \
	plugins/status/text.c plugins/status/text.h

# The server loads NAME.so and never reads libtool's .la files, so these are
# removed after installing. libtool cannot uninstall without them, so a hook
# removes NAME.so.
plugin_names = echo '$(pkglib_LTLIBRARIES)' | tr ' ' '\n' | \
	sed -n 's,.*/\(.*\)\.la$$,\1,p'

.PHONY: install-plugins-hook uninstall-plugins-hook
install-plugins-hook:
	$(AM_V_at)for name in `$(plugin_names)`; do \
	  rm -f "$(DESTDIR)$(pkglibdir)/$$name.la" || exit 1; \
	done
uninstall-plugins-hook:
	$(AM_V_at)for name in `$(plugin_names)`; do \
	  rm -f "$(DESTDIR)$(pkglibdir)/$$name.so" || exit 1; \
	done
