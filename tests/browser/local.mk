# The page of the status in a browser: needs chromium, node, and npm for axe-core, so
# it is not part of make check.
#
# SPDX-License-Identifier: ISC

browser_files = tests/browser/status.js tests/browser/chromium.js \
	tests/browser/daemon.js tests/browser/tap.js
EXTRA_DIST += $(browser_files)

.PHONY: check-browser
check-browser: all
	$(AM_V_at)if node --version >/dev/null 2>&1; then \
	  PRONGD="$(abs_top_builddir)/src/prongd" \
	  PRONG_PLUGINS="$(abs_top_builddir)/plugins/.libs" \
	  node $(srcdir)/tests/browser/status.js; \
	else \
	  echo "1..0 # SKIP there is no node"; \
	fi
