# The handlers that come with prong. Like handlers of other authors they need
# only <prong/handler.h>. They are in plugins/.libs until they are installed.
#
# For plugins/NAME.c, add plugins/NAME.la to own_handlers, NAME_symbol for a static
# prongd, and the lines
#	plugins_NAME_la_LDFLAGS = $(own_ldflags)
#	plugins_NAME_la_CPPFLAGS = $(AM_CPPFLAGS) $(NAME_symbol)
# and for a handler of several files also
#	plugins_NAME_la_SOURCES = plugins/NAME/one.c plugins/NAME/two.c
#
# SPDX-License-Identifier: ISC

plugin_flags = $(AM_LDFLAGS) -module -avoid-version
plugin_ldflags = $(plugin_flags) -shared $(PLUGIN_DEFS_LDFLAGS) -Wl,-z,now

own_handlers = \
	plugins/echo.la \
	plugins/flag.la \
	plugins/static.la \
	plugins/status.la

# A static prongd has them in it (libtool's -dlpreopen): the symbol of each has a
# name of its own. libtool links no module into a program that has no -rpath.
if STATIC
noinst_LTLIBRARIES += $(own_handlers)
own_ldflags = $(plugin_flags) -static -rpath /nowhere
linked_handlers = $(own_handlers:%=-dlpreopen %)
echo_symbol = -DPRONG_HANDLER_SYMBOL=echo_LTX_prong_handler
flag_symbol = -DPRONG_HANDLER_SYMBOL=flag_LTX_prong_handler
static_symbol = -DPRONG_HANDLER_SYMBOL=static_LTX_prong_handler
status_symbol = -DPRONG_HANDLER_SYMBOL=status_LTX_prong_handler
else
pkglib_LTLIBRARIES += $(own_handlers)
own_ldflags = $(plugin_ldflags)
endif

plugins_echo_la_LDFLAGS = $(own_ldflags)
plugins_echo_la_CPPFLAGS = $(AM_CPPFLAGS) $(echo_symbol)

plugins_flag_la_LDFLAGS = $(own_ldflags)
plugins_flag_la_CPPFLAGS = $(AM_CPPFLAGS) $(flag_symbol)
plugins_flag_la_SOURCES = \
	plugins/flag/flag.c \
	plugins/flag/flagfile.c plugins/flag/flagfile.h \
	plugins/shared/extra_fields.c plugins/shared/extra_fields.h

plugins_static_la_LDFLAGS = $(own_ldflags)
plugins_static_la_CPPFLAGS = $(AM_CPPFLAGS) $(static_symbol)
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

plugins_status_la_LDFLAGS = $(own_ldflags)
plugins_status_la_CPPFLAGS = $(AM_CPPFLAGS) $(status_symbol) \
	-iquote $(builddir)/plugins
plugins_status_la_SOURCES = \
	plugins/shared/escape.c plugins/shared/escape.h \
	plugins/shared/negotiate.c plugins/shared/negotiate.h \
	plugins/status/access.c plugins/status/access.h \
	plugins/status/amount.c plugins/status/amount.h \
	plugins/status/counts.h \
	plugins/status/events.c plugins/status/events.h \
	plugins/status/form.c plugins/status/form.h \
	plugins/status/json.c plugins/status/json.h \
	plugins/status/json_handlers.c plugins/status/json_handlers.h \
	plugins/status/json_server.c plugins/status/json_server.h \
	plugins/status/json_text.c plugins/status/json_text.h \
	plugins/status/latency.c plugins/status/latency.h \
	plugins/status/names.h \
	plugins/status/metrics.c plugins/status/metrics.h \
	plugins/status/metrics_handlers.c plugins/status/metrics_handlers.h \
	plugins/status/metrics_server.c plugins/status/metrics_server.h \
	plugins/status/metrics_writer.c plugins/status/metrics_writer.h \
	plugins/status/options.c plugins/status/options.h \
	plugins/status/order.c plugins/status/order.h \
	plugins/status/page.c plugins/status/page.h \
	plugins/status/page_panels.c plugins/status/page_parts.h \
	plugins/status/page_plots.c \
	plugins/status/page_table.c \
	plugins/status/signal_name.c plugins/status/signal_name.h \
	plugins/status/status.c \
	plugins/status/text.c plugins/status/text.h \
	plugins/status/text_handlers.c plugins/status/text_handlers.h \
	plugins/status/view.c plugins/status/view.h

# The style and the script of the page, a string for each line.
page_lines = plugins/status/page_css.inc plugins/status/page_js.inc
$(plugins_status_la_OBJECTS): $(page_lines)
EXTRA_DIST += plugins/status/page.css plugins/status/page.js
CLEANFILES += $(page_lines)
make_lines = $(AM_V_GEN)$(MKDIR_P) plugins/status && \
	sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n",/'
plugins/status/page_css.inc: plugins/status/page.css
	$(make_lines) $(srcdir)/plugins/status/page.css >$@
plugins/status/page_js.inc: plugins/status/page.js
	$(make_lines) $(srcdir)/plugins/status/page.js >$@

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
