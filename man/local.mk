# To add a page, add its name: man/prongd.8, man/prongd.conf.5 ...
dist_man_MANS = \
	man/prongd.8 \
	man/prongd.conf.5
