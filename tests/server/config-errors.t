# Bad configurations: each is told with file and line, what was found, and what
# is possible. A row is a title, a configuration, and patterns of the message,
# which begins with the line's number.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Prong;
use Test::More;

# A site that is right, for what is wrong before it.
my $site = 'sites = ( { routes = ( { path = "/"; echo = { }; } ); } );' . "\n";

# For what is wrong once the plugin of the site is known.
my $own = "plugin_dir = \"$ENV{PRONG_PLUGINS}\"; ";

# What is wrong in a route, in line 3.
sub in_route {
	return "sites = ( { routes = (\n{ path = \"/\";\n$_[0]\necho = { }; }\n"
	    . "); } );\n";
}

# A route in line 2 in place of the right one.
sub route {
	return "sites = ( { routes = (\n$_[0]\n); } );\n";
}

my @cases = (
	# libconfig's own complaints, and what it lets pass
	[ 'a line without its end', "user = \"a\"\n group = = 2;\n$site",
	    '2: syntax error: found "group = = 2;"', 'NAME = VALUE' ],
	[ 'a setting given twice', "user = \"a\";\nuser = \"b\";\n$site",
	    '2: found a setting for the second time', 'user = "b"', 'once' ],
	[ 'an array of mixed types', "listen = [ \"a\", 1 ];\n$site",
	    '1: found values of different types', 'list \( \)' ],
	[ 'a comma after the last element', "listen = [ \"a\", ];\n$site",
	    '1: found a comma before the end of a list', 'none after the' ],
	[ 'a string without an end', "user = \"prong;\n$site\n",
	    '2: found a string without an end', 'missing above' ],
	[ 'a comment without an end', "$site\n/* and so on\n",
	    '3: found a comment without an end', '\*/' ],
	[ 'an include', "\n\@include \"x.conf\"\n$site",
	    '2: found @include', 'conf\.d' ],
	[ 'a number that libconfig would cut',
	    "\n\nmax_body = 5000000000;\n$site",
	    '3: found a number above 2147483647', 'an L behind it' ],
	[ 'a hexadecimal number that libconfig would cut',
	    "max_body = 0xffffffff;\n$site", '1: found a number above' ],
	[ 'a number beyond all', "max_body = 99999999999999999999L;\n$site",
	    '1: found a number that is too large', '2\^63' ],
	[ 'a NUL byte', "$site\0user = 1;", '2: found a NUL byte' ],

	# The server
	[ 'an unknown setting, misspelt', "\nlsten = \"0.0.0.0:80\";\n$site",
	    '2: lsten: found an unknown setting \(is "listen" meant\?\)',
	    'possible: listen, user, group' ],
	[ 'an unknown setting like no other', "colour = \"red\";\n$site",
	    '1: colour: found an unknown setting; possible: listen' ],
	[ 'a number for listen', "listen = 80;\n$site",
	    '1: listen: found the number 80; possible: a string' ],
	[ 'listening nowhere', "listen = [ ];\n$site",
	    '1: listen: found a list of 0; possible: from 1' ],
	[ 'an address without a port', "listen = \"127.0.0.1\";\n$site",
	    '1: listen: found "127\.0\.0\.1"' ],
	[ 'a name for an address', "listen = [ \"localhost:80\" ];\n$site",
	    '1: listen: found "localhost:80"' ],
	[ 'a URL for an address', "listen = \"http://127.0.0.1:80\";\n$site",
	    '1: listen: found "http://127.0.0.1:80": that is a URL; .*'
	    . '"127.0.0.1:80"' ],
	[ 'a port beyond all', "listen = \"[::1]:65536\";\n$site",
	    '1: listen: found "\[::1\]:65536"' ],
	[ 'the same address twice',
	    "listen = [ \"127.0.0.1:80\",\n\"127.0.0.1:80\" ];\n$site",
	    '2: listen: found "127.0.0.1:80" twice' ],
	[ 'a passed socket without a name', "listen = \"systemd:\";\n$site",
	    '1: listen: found "systemd:": after "systemd:" stands the name' ],
	[ 'a name that no passed socket can have',
	    "listen = \"systemd:a:b\";\n$site",
	    '1: listen: found "systemd:a:b": .*without ":"' ],
	[ 'the same passed sockets twice',
	    "listen = [ \"systemd:a\",\n\"systemd:a\" ];\n$site",
	    '2: listen: found "systemd:a" twice' ],
	[ 'an empty user', "user = \"\";\n$site",
	    '1: user: found ""; possible: a name' ],
	[ 'an unknown log', "error_log = \"x\";\n$site",
	    '1: error_log: found "x"; possible: an absolute path.*"stderr"' ],
	[ 'an unknown level', "log_level = \"loud\";\n$site",
	    '1: log_level: found "loud"; .*: error, warning, info, debug' ],
	[ 'an unknown way with targets', "target = \"lax\";\n$site",
	    '1: target: found "lax"; .*: strict, usual' ],
	[ 'an unknown way with slashes', 'sites = ( { routes = ( { path = "/";'
	    . "\nencoded_slash = \"decode\"; echo = { }; } ); } );",
	    '2: encoded_slash: found "decode"; .*: refuse, keep' ],
	[ 'an unknown kind of process', in_route('process = "alone";'),
	    '3: process: found "alone"; .*: auto, own, shared' ],
	[ 'a shared process without workers',
	    $own . in_route('process = "shared";'), '3: process: found '
	    . '"shared" in a server without workers; possible: workers = '
	    . '"auto"; in the main file, or "auto" or "own"' ],
	[ 'a shared process that is fresh', "workers = 1; $own"
	    . in_route('process = "shared"; fresh = true;'), '3: process: '
	    . 'found "shared" in a route that has fresh, which holds for the '
	    . 'process of a connection; possible: "auto" or "own", or no fresh' ],
	(map { [ "a shared process with $_", "workers = 1; $own$_ "
	    . in_route('process = "shared";'), '3: process: found "shared" in '
	    . 'a route that has ' . s/ .*//r . ', which holds' ] }
	    'max_cpu_time = "1 s";', 'max_memory = "1 GiB";',
	    'max_open_files = 99;'),
	[ 'processes that are no group', $own . in_route('processes = 4;'),
	    '3: processes: found the number 4; possible: a group' ],
	[ 'an unknown setting of processes', $own
	    . in_route('processes = { most = 4; };'), '3: processes.most: found an unknown setting; possible: '
	    . 'max, spare, requests, idle, queue, queue_timeout' ],
	[ 'no processes', $own . in_route('processes = { max = 0; };'),
	    '3: processes.max: found the number 0; possible: .* from 1 to 256' ],
	[ 'more spare processes than there may be', "workers = 1; $own"
	    . in_route('processes = { max = 2; spare = 3; requests = 9; };'),
	    '3: processes: found spare = 3 with max = 2; possible: no more' ],
	[ 'spare processes for one connection each', "workers = 1; $own"
	    . in_route('processes = { spare = 3; };'),
	    '3: processes.spare: found without requests, .*; possible: requests = 1000;' ],
	[ 'processes used again without workers', $own
	    . in_route('processes = { requests = 9; };'), '3: processes: found '
	    . 'requests in a server without workers, .*; possible: workers = ' ],
	[ 'a queue without workers', $own
	    . in_route('processes = { queue = 9; };'), '3: processes.queue: found in a '
	    . 'server without workers, where nobody waits .*; possible: ' ],
	[ 'a time in the queue without workers', $own
	    . in_route('processes = { queue_timeout = "1 s"; };'),
	    '3: processes.queue_timeout: found in a server without workers' ],
	(map { [ "processes used again with $_", "workers = 1; $own"
	    . in_route("processes = { requests = 9; }; $_"), '3: processes: '
	    . 'found beside ' . s/;//r . '; possible: one of the two' ] }
	    'process = "own";', 'process = "shared";'),
	[ 'processes used again that are fresh', "workers = 1; $own"
	    . in_route('processes = { requests = 9; }; fresh = true;'),
	    '3: processes: found beside fresh; possible: one of the two' ],
	[ 'processes and a shared one', "workers = 1; $own"
	    . in_route('processes = { max = 9; }; process = "shared";'),
	    '3: processes: found beside process = "shared"; possible: one' ],
	[ 'more processes than all routes may have', "workers = 1; $own"
	    . 'sites = ( { routes = (' . join(',', map { "\n{ path = \"/$_\"; "
		. 'processes = { max = 200; requests = 9; }; echo = { }; }' }
		1, 2) . "); } );",
	    '3: processes: found 400 processes in all routes up to this one; '
	    . 'possible: at most 256' ],
	[ 'slashes kept below a percent', 'sites = ( { routes = (' . "\n"
	    . '{ path = "/a%b"; encoded_slash = "keep"; echo = { }; } ); } );',
	    '2: encoded_slash: found "keep" in a route whose path has a %' ],
	[ 'a relative path for the access log', "access_log = \"a\";\n$site",
	    '1: access_log: found "a"; possible: an absolute path', '"off"' ],
	[ 'a relative folder of plugins', "plugin_dir = \"lib\";\n$site",
	    '1: plugin_dir: found "lib"; possible: an absolute path' ],
	[ 'no connections', "max_connections = 0;\n$site",
	    '1: max_connections: found the number 0; .* from 1 to 65536' ],
	[ 'connections in quotes', "max_connections = \"10\";\n$site",
	    '1: max_connections: found "10"; possible: a whole number' ],
	[ 'less than no connections',
	    "max_connections_per_client = -1;\n$site",
	    '1: max_connections_per_client: found the number -1' ],
	[ 'too many for a network',
	    "max_connections_per_network = 65537;\n$site",
	    '1: max_connections_per_network: found the number 65537' ],
	[ 'metrics that are no yes', "route_metrics = \"yes\";\n$site",
	    '1: route_metrics: found .*yes.*; possible: true or false' ],
	[ 'a wait that is no yes', "defer_accept = \"1 s\";\n$site",
	    '1: defer_accept: found .*1 s.*; possible: true or false' ],
	[ 'less than no workers', "workers = -1;\n$site",
	    '1: workers: found the number -1; possible: a whole number from 0 '
	    . 'to 256' ],
	[ 'too many workers', "workers = 257;\n$site",
	    '1: workers: found the number 257; .* from 0 to 256' ],
	[ 'half a worker', "workers = 0.5;\n$site",
	    '1: workers: found the number 0\.5; .* from 0 to 256' ],
	[ 'workers in quotes', "workers = \"4\";\n$site",
	    '1: workers: found "4"; .* from 0 to 256 without quotes, or "auto"' ],
	[ 'workers in words', "workers = \"Auto\";\n$site",
	    '1: workers: found "Auto"; .* or "auto" for the number of proc' ],
	[ 'a list of workers', "workers = [ 1 ];\n$site",
	    '1: workers: found a list of 1; possible: a whole number' ],
	[ 'a status at any port', "status_listen = \"127.0.0.1:0\";\n$site",
	    '1: status_listen: found "127.0.0.1:0"; possible: an address' ],
	[ 'a status at a name', "status_listen = \"systemd:x\";\n$site",
	    '1: status_listen: found "systemd:x"; possible: an address' ],
	[ 'a status where others are served', "listen = [ \"127.0.0.1:81\" ]; "
	    . "status_listen = \"127.0.0.1:81\";\n$site",
	    '1: listen: found "127.0.0.1:81" twice' ],
	[ 'half a connection', "max_connections = 0.5;\n$site",
	    '1: max_connections: found the number 0\.5' ],
	[ 'a proxy by name', "trusted_proxies = [ \"proxy\" ];\n$site",
	    '1: trusted_proxies\[0\]: found "proxy"' ],
	[ 'a prefix too long', "trusted_proxies = \"10.0.0.0/33\";\n$site",
	    '1: trusted_proxies: found "10\.0\.0\.0/33"' ],

	# Quantities
	[ 'a time without unit', "queue_timeout = 5;\n$site",
	    '1: queue_timeout: found the number 5; possible: a string',
	    'ms, s, min, h or d' ],
	[ 'a time in quotes without unit', "idle_timeout = \"5\";\n$site",
	    '1: idle_timeout: found "5"; possible: digits and a unit' ],
	[ 'an unknown unit of time', "head_timeout = \"5 sec\";\n$site",
	    '1: head_timeout: found "5 sec"', 'as in "10 s"' ],
	[ 'an unknown unit of size', "max_body = \"12 parsecs\";\n$site",
	    '1: max_body: found "12 parsecs"', 'as in "64 KiB"' ],
	[ 'a negative size', "max_body = -5;\n$site",
	    '1: max_body: found the number -5', 'from "0 B" to' ],
	[ 'a negative size in quotes', "max_body = \"-5 B\";\n$site",
	    '1: max_body: found "-5 B"; possible: digits' ],
	[ 'a size too small', "max_head = \"1 B\";\n$site",
	    '1: max_head: found "1 B"; possible: from "256 B" to "16 MiB"' ],
	[ 'a time too long', "head_timeout = \"2 d\";\n$site",
	    '1: head_timeout: found "2 d"; possible: from "1 ms" to "1 h"' ],
	[ 'a size beyond counting', "max_body = \"9999999 TiB\";\n$site",
	    '1: max_body: found "9999999 TiB"; possible: less than 2\^63' ],

	[ 'a size as other servers have it', "max_body = \"10M\";\n$site",
	    '1: max_body: found "10M"; .*\(is "10 MiB" meant\?\)' ],
	[ 'minutes as other servers have them', "idle_timeout = \"2m\";\n$site",
	    '1: idle_timeout: found "2m"; .*\(is "2 min" meant\?\)' ],

	# Sites
	[ 'no sites', "user = \"prong\";\n",
	    'found no sites; possible: sites = ' ],
	[ 'an empty list of sites', "sites = ( );\n", 'found no sites' ],
	[ 'a group for the list of sites', "sites = { };\n",
	    '1: sites: found a group \{ \}; possible: a list of groups' ],
	[ 'a string for a site', "sites = (\n\"a\" );\n",
	    '2: sites\[0\]: found "a"; possible: a group' ],
	[ 'a site without routes', "sites = (\n{ }\n);\n",
	    '2: site: found no routes; possible: routes = ' ],
	[ 'a site with no route', "sites = ( {\nroutes = ( ); } );\n",
	    '2: routes: found a list of 0; possible: a list of at least one' ],
	[ 'an unknown setting of a site',
	    "sites = ( { host = \"a\";\nroutes = ( { path = \"/\"; echo = { }; "
	    . "} ); } );\n",
	    '1: host: found an unknown setting \(is "hosts" meant\?\)',
	    'possible: hosts, routes, allow, deny, fields, error_pages, ' ],
	[ 'a limit of the server in a site',
	    "sites = ( {\nmax_head = \"1 KiB\";\nroutes = ( { path = \"/\"; "
	    . "echo = { }; } ); } );\n",
	    '2: max_head: found in a site; possible: at the top' ],
	[ 'no hosts where some are named', "sites = ( { hosts = [ ];\n"
	    . "routes = ( { path = \"/\"; echo = { }; } ); } );\n",
	    '1: hosts: found a list of 0; possible: at least one' ],
	(map { [ "the host \"$$_[0]\"", "sites = ( { hosts = [ \"$$_[0]\" ];\n"
	    . "routes = ( { path = \"/\"; echo = { }; } ); } );\n",
	    '1: hosts\[0\]: found "' . quotemeta($$_[0]) . '"', $$_[1] ] }
	    [ 'example.org:80', 'without a port' ], [ '*', 'answers any' ],
	    [ 'a.*.org', 'whole first label' ], [ 'a b', 'letters, digits' ],
	    [ '', '1 to 253' ], [ 'a..b', 'single dots' ]),
	[ 'a host in two sites', "sites = ( { hosts = \"a\"; routes = ( { path "
	    . "= \"/\"; echo = { }; } ); },\n{ hosts = [ \"b\", \"A\" ]; "
	    . "routes = ( { path = \"/\"; echo = { }; } ); } );\n",
	    '[12]: hosts: found "a" twice, also at \S+:[12]' ],
	[ 'two sites for all other hosts', "sites = ( { routes = ( { path = "
	    . "\"/\"; echo = { }; } ); },\n{ routes = ( { path = \"/\"; "
	    . "echo = { }; } ); } );\n",
	    '2: site: found a second site without hosts, after that at' ],

	# Routes
	[ 'a route without a path', route('{ echo = { }; }'),
	    '2: route: found no path; possible: path = "/a"' ],
	[ 'a route with two paths',
	    route('{ path = "/a"; exact = "/b"; echo = { }; }'),
	    '2: route: found both path and exact' ],
	[ 'a number for a path', route('{ path = 1; echo = { }; }'),
	    '2: path: found the number 1; possible: a string' ],
	(map { [ "the path \"$$_[0]\"",
	    route("{ path = \"$$_[0]\"; echo = { }; }"),
	    '2: path: found "' . quotemeta($$_[0]) . '"', $$_[1] ] }
	    [ '', 'begins with' ], [ 'a', 'begins with "/"' ],
	    [ '/a/../b', '\. and \.\.' ], [ '/.', '\. and' ],
	    [ '/a//b', 'empty segments' ], [ '//', 'empty segments' ],
	    [ '/a/', 'without "/" at the end' ]),
	[ 'a path twice in a site', "sites = ( { routes = (\n"
	    . "{ path = \"/a\"; echo = { }; },\n"
	    . "{ exact = \"/a\"; echo = { }; },\n"
	    . "{ path = \"/a\"; echo = { }; } ); } );\n",
	    '4: route: found path = "/a" twice in this site, first in line 2' ],
	[ 'a group for a path', route('{ path = { }; echo = { }; }'),
	    '2: path: found a group \{ \}; possible: a string' ],
	[ 'a group for a limit', in_route('max_body = { };'),
	    '3: max_body: found a group \{ \}; possible: a string' ],
	[ 'a group for addresses', in_route('allow = { };'),
	    '3: allow: found a group \{ \}; possible: a string' ],
	[ 'a route without a handler', route('{ path = "/"; }'),
	    '2: route: found no handler; possible: a group' ],
	[ 'an unknown setting of a route', in_route('maxbody = 10;'),
	    '3: maxbody: found an unknown setting \(is "max_body" meant\?\)',
	    'or a group \{ \}, which is a handler' ],
	[ 'a limit of the server in a route', in_route('max_fields = 10;'),
	    '3: max_fields: found in a route; possible: at the top' ],
	[ 'a name that no handler has', in_route('Echo = { };'),
	    '3: Echo: found a group whose name no handler can have' ],
	[ 'a handler beside the list of handlers',
	    in_route('handlers = ( { echo = { }; } );'),
	    '4: echo: found a handler beside the list' ],
	[ 'a group for the list of handlers',
	    route('{ path = "/"; handlers = { echo = { }; }; }'),
	    '2: handlers: found a group \{ \}; possible: a list of groups' ],
	[ 'two handlers in one group of the list', route('{ path = "/"; '
	    . 'handlers = ( { a = { }; b = { }; } ); }'),
	    '2: handlers\[0\]: found a group \{ \}; possible: a group with one' ],
	[ 'an address that is none', in_route('allow = [ "::1", "1.2.3" ];'),
	    '3: allow\[1\]: found "1\.2\.3"' ],
	[ 'an interface in a list of addresses', in_route('allow = "fe80::1%lo";'),
	    '3: allow: found "fe80::1%lo": write the address without "%"' ],
	[ 'a prefix with bits beyond it', in_route('deny = "10.1.0.0/8";'),
	    '3: deny: found "10\.1\.0\.0/8"' ],
);

# What every message must have: the file, and the row's patterns in one line.
sub told {
	my ($errors, $file, @patterns) = @_;
	my $first = shift @patterns;
	my @lines = grep { /^prongd: error: \Q$file\E:/ } split /\n/, $errors;
	LINE: for my $line (@lines) {
		my $rest = substr $line, length("prongd: error: $file:");
		next unless $rest =~ /^ ?(?:$first)/;
		$line =~ $_ or next LINE for @patterns;
		return 1;
	}
	return 0;
}

my $count = 0;
for my $case (@cases) {
	my ($title, $text, @patterns) = @$case;
	my $file = write_file(++$count . '/prongd.conf', $text);
	my $run = prongd('-t', '-c', $file);
	ok($run->{status} == 1 && told($run->{errors}, $file, @patterns),
	    "$title is told") or diag $run->{errors};
}

subtest 'one run names every error' => sub {
	my $file = write_file('all/prongd.conf', <<'CONF');
lsten = "a";
queue_timeout = 5;
listen = [ "127.0.0.1:80", "x" ];
sites = (
  { hosts = "a:1";
    routes = ( { path = "a"; }, { path = "/"; Echo = { }; } ); },
  7
);
CONF
	my $other = write_file('all/conf.d/b.conf', "user = \"x\";\n");
	my $run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $file, @$_), "$$_[0]") for [ '1: lsten' ],
	    [ '2: queue_timeout' ], [ '3: listen: found "x"' ],
	    [ '5: hosts: found "a:1"' ], [ '6: path' ],
	    [ '6: route: found no handler' ], [ '6: Echo' ], [ '7: sites' ];
	ok(told($run->{errors}, $other, '1: user'), 'the part is told too');
	is($run->{status}, 1, 'it fails');
};

subtest 'a byte order mark is no part of a file' => sub {
	my $bom = "\xef\xbb\xbf";
	my $dir = "plugin_dir = \"$ENV{PRONG_PLUGINS}\"; "
	    . 'listen = [ "127.0.0.1:0" ]; ';
	my $file = write_file('bom/prongd.conf', "$bom$dir$site");
	write_file('bom/conf.d/a.conf', $bom . 'sites = ( { hosts = "a"; '
	    . 'routes = ( { path = "/"; echo = { }; } ); } );');
	my $run = prongd('-t', '-c', $file);
	is($run->{status}, 0, 'it is skipped, in parts, too')
	    or diag $run->{errors};
	write_file('bom/prongd.conf', "$bom${bom}lsten = 1;\n$site");
	$run = prongd('-t', '-c', $file);
	is($run->{status}, 1, 'once') or diag $run->{errors};
	write_file('bom/prongd.conf', "${bom}lsten = 1;\n$site");
	$run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $file, '1: lsten'), 'and the lines are told');
};

subtest 'errors of syntax in several files are all told' => sub {
	my $file = write_file('syntax/prongd.conf', "= 1;\n");
	my $other = write_file('syntax/conf.d/b.conf', "\n\n= 2;\n");
	my $run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $file, '1: syntax error'), 'the main file');
	ok(told($run->{errors}, $other, '3: syntax error'), 'the part');
};

subtest 'conf.d holds sites alone' => sub {
	my $file = write_file('parts/prongd.conf', $site);
	my $part = write_file('parts/conf.d/a.conf',
	    "sites = ( { hosts = \"a\"; routes = ( { path = \"x\"; } ); } );\n"
	    . "max_body = 1;\n");
	write_file('parts/conf.d/.hidden.conf', 'nonsense');
	write_file('parts/conf.d/a.conf~', 'nonsense');
	my $run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $part, '1: path: found "x"'),
	    'an error in a site of a part is told');
	ok(told($run->{errors}, $part, '2: max_body: found an unknown setting',
	    'sites'), 'another setting is refused');
	unlike($run->{errors}, qr/nonsense|hidden|~/, 'others are not read');
};

subtest 'files that cannot be read' => sub {
	my $run = prongd('-t', '-c', folder() . '/absent.conf');
	like($run->{errors}, qr{absent\.conf: cannot be opened: No such file},
	    'an absent one');
	is($run->{status}, 1, 'it fails');
	$run = prongd('-t', '-c', folder('parts'));
	like($run->{errors}, qr{parts: found a folder; possible: a file},
	    'a folder');
	my $file = write_file('loop/prongd.conf', $site);
	folder('loop/conf.d/x.conf');
	$run = prongd('-t', '-c', $file);
	like($run->{errors}, qr{x\.conf: found something that is no regular},
	    'a folder in conf.d');
	symlink 'nowhere', folder('loop/conf.d') . '/y.conf';
	$run = prongd('-t', '-c', $file);
	like($run->{errors}, qr{y\.conf: cannot be opened}, 'a dangling link');
	$file = write_file('large/prongd.conf', ' ' x (4 << 20) . "\n$site");
	$run = prongd('-t', '-c', $file);
	like($run->{errors}, qr{larger than the 4096 KiB}, 'one too large');
	$run = prongd('-t', folder() . '/absent');
	like($run->{errors}, qr{absent: cannot be served: No such file},
	    'an absent folder to serve');
	$run = prongd('-t', $file);
	like($run->{errors}, qr{no folder; possible: a folder, or -c},
	    'a file to serve as a folder');
};

subtest 'users' => sub {
	my $file = write_file('user/prongd.conf',
	    "\nuser = \"no-such-user\";\n$site");
	my $run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $file,
	    '2: user: found "no-such-user", which is no user'), 'unknown')
	    or diag $run->{errors};
	$file = write_file('user/prongd.conf',
	    "group = \"no-such-group\";\n$site");
	$run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $file,
	    '1: group: found "no-such-group", which is no group'), 'unknown')
	    or diag $run->{errors};
	$file = write_file('user/prongd.conf', "user = \"root\";\n$site");
	$run = prongd('-t', '-c', $file);
	ok(told($run->{errors}, $file,
	    '1: user: found "root", who is root; possible: any other user'),
	    'root') or diag $run->{errors};
};

done_testing;
