# The id of a request: the same in the access log, the error log, the response,
# for the handler and after a crash; from a trusted proxy alone.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "a\n");
my $log = folder('logs') . '/access';
my $trace = '0af7651916cd43dd8448eb211c80319c';
my $parent = "00-$trace-b7ad6b7169203331-01";
my $made = qr/[0-9a-f]{32}/;
my $plugins = Prong::Act::plugin_folder('act', 'extreme');

sub configuration {
	my ($settings) = @_;
	return config("plugin_dir = \"$plugins\";\nsandbox = \"off\";\n"
	    . "crash_penalty = \"0 s\"; max_crashes = 0;\n$settings\n"
	    . 'sites = ( { routes = ( { path = "/act"; act = { }; }, '
	    . '{ path = "/crash"; extreme = { }; }, '
	    . '{ path = "/"; static = { root = "' . folder('www')
	    . '"; }; } ); } );');
}

sub serve {
	my ($settings) = @_;
	unlink $log;
	return start(configuration("access_log = \"$log\";\n$settings"));
}

# The id in the last of so many lines of the access log.
sub logged {
	my ($count) = @_;
	my @lines;
	wait_until { @lines = split /^/, -e $log ? read_file($log) : '';
		@lines >= $count } 'a line in the access log';
	return $lines[-1];
}

{
	my $daemon = serve('request_id_field = "X-Request-Id"; '
	    . 'access_log_format = "%L %s";');
	my $client = $daemon->connect;
	my $answer = $client->request('GET', '/a.txt');
	my $id = $answer->field('X-Request-Id') // '';
	like($id, qr/\A$made\z/, 'a response has an id by setting');
	is(logged(1), "$id 200\n", 'which the access log has, too');
	my $second = $client->request('GET', '/a.txt');
	isnt($second->field('X-Request-Id'), $id,
	    'the next request has another one');
	logged(2);
	$answer = $client->request('GET', steps('tell id'),
	    ['X-Request-Id: mine', "traceparent: $parent"]);
	$id = $answer->field('X-Request-Id') // '';
	like($id, qr/\A$made\z/, 'a client cannot choose its id');
	is($answer->{body}, "[$id]", 'and the handler is told the same one');
	is(logged(3), "$id 200\n", 'as the log is');
	$answer = $client->request('GET', steps(
	    'field X-Request-Id: other|log of it|print x'));
	$id = $answer->field('X-Request-Id') // '';
	like($id, qr/\A$made\z/, 'a handler cannot replace it');
	logged(4);
	$daemon->wait_log(qr{act of /act: of it, id \Q$id\E \(127});
	pass('a line of a handler in the error log has the id');
	$answer = $daemon->connect->request('GET', '/%00');
	$id = $answer->field('X-Request-Id') // '';
	is(logged(5), "$id 400\n", 'a refused request has one');
	$daemon->wait_log(qr{: 400, .*, id \Q$id\E \("GET /%00});
	pass('as its line in the error log');
	$answer = $daemon->connect->request('GET', '/crash?do=null');
	$id = $answer->field('X-Request-Id') // '';
	like($id, qr/\A$made\z/, 'the response to a crash has the id');
	is($answer->{status}, 500, 'and is 500');
	like($answer->{body}, qr{<h1>500.*</main>\n\z}s, 'with its page');
	is(logged(6), "$id 500\n", 'as the access log has');
	$daemon->wait_log(qr{crashed: SIGSEGV .* of 127\.0\.0\.1:\d+, id \Q$id\E$}m);
	pass('and the report of the crash');
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('request_id_field = "X-Id"; access_log_format = '
	    . '"json"; trusted_proxies = "127.0.0.2";');
	my $count = 0;
	for my $case (
		['127.0.0.2', 'a valid X-Request-Id', 'A-z.0_9',
		    'X-Request-Id: A-z.0_9', "traceparent: $parent"],
		['127.0.0.2', 'a trace', $trace, "traceparent: $parent"],
		['127.0.0.2', 'a trace beside an id that is none', $trace,
		    'X-Request-Id: a b', "traceparent: $parent"],
		['127.0.0.2', 'two ids', $made, 'X-Request-Id: a',
		    'X-Request-Id: b'],
		['127.0.0.2', 'an id that is too long', $made,
		    'X-Request-Id: ' . 'a' x 65],
		['127.0.0.2', 'no id', $made],
		['127.0.0.1', 'an id', $made, 'X-Request-Id: a'],
	) {
		my ($from, $title, $want, @fields) = @$case;
		my $client = $daemon->connect(undef, $from);
		for my $target ('/a.txt', steps('tell id')) {
			my $answer = $client->request('GET', $target, \@fields);
			my $id = $answer->field('X-Id') // '';
			like($id, qr/\A$want\z/, "$title from $from: $target");
			like(logged(++$count), qr/"id":"\Q$id\E"/,
			    'is in the line of JSON');
			is($answer->{body}, "[$id]", 'and for the handler')
			    if $target ne '/a.txt';
		}
	}
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('');
	my $answer = $daemon->connect->request('GET', '/a.txt');
	is($answer->field('X-Request-Id'), undef,
	    'without the setting no response has an id');
	is($daemon->stop, 0, 'the daemon stops');
}

# Through PROXY headers, and in the process of --once.
{
	my $config = configuration('trusted_proxies = "127.0.0.1"; '
	    . 'proxy_protocol = true; access_log = "off"; '
	    . 'request_id_field = "X-Id";');
	my ($answer) = responses(once($config,
	    "PROXY TCP4 192.0.2.1 198.51.100.1 4711 8080\r\n"
	    . request('GET', '/a.txt', ['X-Request-Id: abc',
		'Connection: close'])), 'GET');
	is($answer->field('X-Id'), 'abc',
	    'a proxy that names its client gives ids, too');
}

for my $wrong ('"X Y"', '"Connection"', '"Content-Length"', '""', '1') {
	my $run = prongd('-t', '-c', configuration("request_id_field = $wrong;"));
	isnt($run->{status}, 0, "request_id_field = $wrong is an error");
	like($run->{errors}, qr/prongd\.conf:\d+.*request_id_field/,
	    'which is named');
}

done_testing;
