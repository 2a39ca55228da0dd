# The handlers that come with prong. They are built as anybody's would be,
# from <prong/handler.h> alone, and lie in plugins/.libs until installed.
#
# To add plugins/NAME.c, add the two lines
#	pkglib_LTLIBRARIES += plugins/NAME.la
#	plugins_NAME_la_LDFLAGS = $(plugin_ldflags)
# and when it has several files also
#	plugins_NAME_la_SOURCES = plugins/NAME/one.c plugins/NAME/two.c

plugin_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared \
	$(PLUGIN_DEFS_LDFLAGS) -Wl,-z,now

# The server loads NAME.so and never reads libtool's .la files, so these are
# not left installed; libtool cannot uninstall without them.
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
