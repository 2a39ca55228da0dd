# To add a page, add its name: man/prongd.8, man/prongd.conf.5 ...
dist_man_MANS = \
	man/prong.1 \
	man/prong-drain.7 \
	man/prong-echo.5 \
	man/prong-flag.5 \
	man/prong-static.5 \
	man/prong-status.5 \
	man/prongd.8 \
	man/prongd.conf.5
