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
	configuration) echo configuration configuration_listen \
	    configuration_server site site_route setting limit quantity \
	    syntax sources address ;;
	options) echo option setting quantity ;;
	connection) echo connection connection_head connection_proxy input \
	    netio dispatch route request body contract response content \
	    selection responsehead sender errorpage accesslog \
	    accesslog_format accesslog_line http chunked uri uri_path \
	    ranges conditional ;;
	*) echo "$1" ;;
	esac
}

# One file a line: its name, and how many lines it has and were reached.
lines_of()
{
	"$LLVM_COV" export -summary-only -instr-profile "$1" "$2" |
	    sed 's/"totals".*//; s/{"filename":/\n&/g' |
	    sed -n 's/^{"filename":"[^"]*\/src\/\([a-z_]*\)\.c".*"lines":{"count":\([0-9]*\),"covered":\([0-9]*\).*/\1 \2 \3/p'
}

for target; do
	program=$built/fuzz_$target
	rm -f "$built/$target".*.profraw
	# The main of replay.c finds the seeds by the program's name.
	LLVM_PROFILE_FILE=$built/$target.%m.profraw PRONG_SRCDIR=$sources \
	    "$program" >"$built/$target.log"
	grep -q '^ok' "$built/$target.log" || {
		cat "$built/$target.log"
		exit 1
	}
	"$LLVM_PROFDATA" merge -o "$built/$target.profdata" \
	    "$built/$target".*.profraw
	lines_of "$built/$target.profdata" "$program" >"$built/$target.lines"
	for module in $(modules "$target"); do
		awk -v target="$target" -v module="$module" '$1 == module {
			printf "%-14s %-20s %4d of %4d lines, %3d %%\n",
			    target, module, $3, $2, 100 * $3 / $2
		}' "$built/$target.lines"
	done
done
