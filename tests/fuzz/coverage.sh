#!/bin/sh
# coverage.sh BUILT SOURCES TARGET...: the lines of each module that the seeds
# of its target reach, told by the targets themselves.
#
# SPDX-License-Identifier: ISC
set -eu
built=$1
sources=$2
shift 2

# What each target is about; of the connection all that it runs through.
modules()
{
	case $1 in
	head) echo http fields slice ;;
	uri) echo uri uri_path uri_host uri_octets ;;
	conditional) echo conditional fields ;;
	configuration) echo configuration site site_route setting limit \
	    quantity syntax sources address ;;
	options) echo option setting quantity ;;
	connection) echo connection input netio dispatch route request body \
	    contract response content selection responsehead sender \
	    errorpage accesslog http chunked uri uri_path ranges conditional ;;
	*) echo "$1" ;;
	esac
}

for target; do
	program=$built/fuzz_$target
	# The main of replay.c finds the seeds by the program's name.
	LLVM_PROFILE_FILE=$built/$target.%p.profraw PRONG_SRCDIR=$sources \
	    "$program" >"$built/$target.log"
	grep -q '^ok' "$built/$target.log" || { cat "$built/$target.log"; exit 1; }
	"$LLVM_PROFDATA" merge -o "$built/$target.profdata" \
	    "$built/$target".*.profraw
	rm -f "$built/$target".*.profraw
	for module in $(modules "$target"); do
		"$LLVM_COV" export -summary-only \
		    -instr-profile "$built/$target.profdata" "$program" \
		    "$sources/src/$module.c" |
		    sed -n 's/.*"totals":.*"lines":{"count":\([0-9]*\),"covered":\([0-9]*\).*/\1 \2/p' |
		    while read -r lines covered; do
			printf '%-14s %-16s %4d of %4d lines, %3d %%\n' \
			    "$target" "$module" "$covered" "$lines" \
			    $((covered * 100 / lines))
		done
	done
done
