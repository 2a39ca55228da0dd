# prongd.conf becomes the configuration of a first installation. An existing
# configuration stays, and uninstalling removes only an unchanged one. Its paths
# become those of this build: see service/local.mk.
#
# SPDX-License-Identifier: ISC

EXTRA_DIST += examples/haproxy.cfg examples/haproxy-tls.cfg examples/nginx.conf
EXTRA_DIST += examples/prongd.conf

# For Prometheus and Grafana.
EXTRA_DIST += examples/monitoring/prometheus.yml \
	examples/monitoring/prong-alerts.yml \
	examples/monitoring/prong-dashboard.json

# Drop-ins for service/prong.service.
EXTRA_DIST += examples/systemd/root.conf examples/systemd/socket.conf

# The site that "./bootstrap run" serves.
EXTRA_DIST += \
	examples/site/about.html \
	examples/site/icon.svg \
	examples/site/index.html \
	examples/site/processes.svg \
	examples/site/style.css

# Built as any other plugin, and tested; not installed.
if !STATIC
check_LTLIBRARIES += examples/handlers/hello.la
examples_handlers_hello_la_LDFLAGS = $(plugin_ldflags) -rpath $(pkglibdir)
check_LTLIBRARIES += examples/handlers/template.la
examples_handlers_template_la_LDFLAGS = $(plugin_ldflags) -rpath $(pkglibdir)
if HAVE_PQ
check_LTLIBRARIES += examples/handlers/postgres.la
endif
examples_handlers_postgres_la_CPPFLAGS = $(AM_CPPFLAGS) $(PQ_CFLAGS)
examples_handlers_postgres_la_LDFLAGS = $(plugin_ldflags) -rpath $(pkglibdir)
examples_handlers_postgres_la_LIBADD = $(PQ_LIBS)
endif

.PHONY: install-examples-hook uninstall-examples-hook
install-examples-hook:
	$(AM_V_at)$(MKDIR_P) "$(DESTDIR)$(pkgsysconfdir)"
	$(AM_V_at)if test -e "$(DESTDIR)$(pkgsysconfdir)/prongd.conf"; then \
	  echo "$(DESTDIR)$(pkgsysconfdir)/prongd.conf is kept as it is"; \
	else \
	  $(with_paths) $(srcdir)/examples/prongd.conf \
	    >"$(DESTDIR)$(pkgsysconfdir)/prongd.conf" && \
	  chmod 644 "$(DESTDIR)$(pkgsysconfdir)/prongd.conf"; \
	fi
uninstall-examples-hook:
	$(AM_V_at)if $(with_paths) $(srcdir)/examples/prongd.conf | \
	    cmp -s - "$(DESTDIR)$(pkgsysconfdir)/prongd.conf"; then \
	  rm -f "$(DESTDIR)$(pkgsysconfdir)/prongd.conf"; \
	fi
