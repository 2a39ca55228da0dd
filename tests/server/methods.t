# Methods, routes and chains: who is asked, who may ask, and who answers.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "a\n");
my $daemon = start(act_config('', <<'ROUTES'));
{ path = "/mixed"; handlers = ( { echo = { }; }, { act = { }; } ); },
{ path = "/files"; handlers = ( { act = { parameter = "a"; }; },
  { static = { root = "/"; }; } ); },
{ path = "/broken"; act = { parameter = "broken"; }; },
{ path = "/nobody"; deny = [ "0.0.0.0/0", "::/0" ]; act = { }; },
{ path = "/me"; allow = [ "127.0.0.1" ]; act = { }; },
{ path = "/others"; allow = [ "192.0.2.0/24", "::1" ]; act = { }; },
{ path = "/all-but-me"; allow = [ "127.0.0.0/8" ]; deny = [ "127.0.0.1" ];
  act = { }; },
{ path = "/not-others"; deny = [ "192.0.2.0/24" ]; act = { }; },
{ path = "/deep/er"; act = { }; },
{ exact = "/only"; act = { }; }
ROUTES

# Method, target, status, Allow. /a.txt takes GET; /act GET, POST and PUT;
# /mixed what echo takes as well.
my $act = steps('print x');
my $act_allow = 'GET, HEAD, POST, PUT, OPTIONS';
my $mixed_allow = 'GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS';
for my $case (
	['GET', '/a.txt', 200, undef],
	['HEAD', '/a.txt', 200, undef],
	['POST', '/a.txt', 405, 'GET, HEAD, OPTIONS'],
	['PUT', '/a.txt', 405, 'GET, HEAD, OPTIONS'],
	['DELETE', '/a.txt', 405, 'GET, HEAD, OPTIONS'],
	['PATCH', '/a.txt', 405, 'GET, HEAD, OPTIONS'],
	['OPTIONS', '/a.txt', 204, 'GET, HEAD, OPTIONS'],
	['POST', '/none', 405, 'GET, HEAD, OPTIONS'],
	['GET', $act, 200, undef],
	['HEAD', $act, 200, undef],
	['POST', $act, 200, undef],
	['PUT', $act, 200, undef],
	['DELETE', $act, 405, $act_allow],
	['PATCH', $act, 405, $act_allow],
	['OPTIONS', $act, 204, $act_allow],
	['DELETE', '/mixed', 200, undef],
	['OPTIONS', '/mixed', 204, $mixed_allow],
	['POST', '/chain?a=decline&b=decline', 404, undef],
	['DELETE', '/chain?a=decline&b=decline', 405, $act_allow],
	['POST', '/files?a=decline', 405, 'GET, HEAD, PUT, OPTIONS'],
	['OPTIONS', '/files?a=decline', 204, $act_allow],
	['OPTIONS', '*', 204, $mixed_allow],
	['OPTIONS', 'http://localhost', 204, $mixed_allow],
	['OPTIONS', 'https://localhost', 421, undef],
	['GET', 'https://localhost/a.txt', 421, undef],
	['GET', 'HTTPS://localhost/none', 421, undef],
	['GET', 'http://localhost/a.txt', 200, undef],
	['get', '/a.txt', 501, undef],
	['GETS', '/a.txt', 501, undef],
	['PROPFIND', '/a.txt', 501, undef],
	['PROPFIND', $act, 501, undef],
	['BREW', '/none', 501, undef],
	['TRACE', '/a.txt', 501, undef],
	['TRACE', $act, 501, undef],
	['CONNECT', 'localhost:80', 501, undef],
	['GET', '*', 400, undef],
	['GET', 'localhost:80', 400, undef],
	['CONNECT', '/a.txt', 501, undef],
	['X' x 32, '/a.txt', 501, undef],
	['X' x 33, '/a.txt', 501, undef],
) {
	my ($method, $target, $status, $allow) = @$case;
	my $answer = $daemon->request($method, $target);
	my $shown = "$method $target";
	is($answer->{status}, $status, "$shown: $status");
	is($answer->field('Allow'), $allow, "$shown: Allow");
	is($answer->{body}, '', "$shown: no content")
	    if $status == 204 || $method eq 'HEAD';
	unlike($answer->{body}, qr/localhost|TRACE/,
	    "$shown: nothing of it comes back");
}

# Paths to routes.
for my $case (
	['/act', '[/act][][/act]'],
	['/act/', '[/act][/][/act/]'],
	['/act/b', '[/act][/b][/act/b]'],
	['/act/b/c', '[/act][/b/c][/act/b/c]'],
	['/a%63t/%62', '[/act][/b][/act/b]'],
	['//act///b', '[/act][/b][/act/b]'],
	['/x/../act/b', '[/act][/b][/act/b]'],
	['/act/./b', '[/act][/b][/act/b]'],
	['/act/b/..', '[/act][/][/act/]'],
	['/deep/er', '[/deep/er][][/deep/er]'],
	['/deep/er/x', '[/deep/er][/x][/deep/er/x]'],
	['/only', '[/only][][/only]'],
	['/deep', undef],
	['/deep/ers', undef],
	['/acts', undef],
	['/only/', undef],
	['/only/x', undef],
	['/ACT', undef],
) {
	my ($path, $told) = @$case;
	my $answer = $daemon->get("$path?do="
	    . Prong::Act::escape('tell route|tell path_info|tell path'));
	is($answer->{status}, defined $told ? 200 : 404, "$path: status");
	is($answer->{body}, $told, "$path: route, rest and path")
	    if defined $told;
}

# What no handler is called for.
for my $path ('/act%5C', '/act/%E4', '/act/%C0%AF?do=print%20x') {
	my $client = $daemon->connect;
	is($client->request('GET', $path)->{status}, 404, "$path: 404");
	is($client->request('POST', $path, [], 'x')->{status}, 404,
	    "$path: the connection lives");
}

# Chains. Steps for the first, for the second, status, fields, content.
for my $case (
	['print 1', 'print 2', 200, {}, '1'],
	['decline', 'print 2', 200, {}, '2'],
	['decline', 'decline', 404, {}, qr/404/],
	['status 201|decline', 'print 2', 200, {}, '2'],
	['field X: 1|decline', 'print 2', 200, { X => undef }, '2'],
	['etag x|decline', 'print 2', 200, { ETag => undef }, '2'],
	['modified 9|decline', 'print 2', 200,
	    { 'Last-Modified' => undef }, '2'],
	['length 99|decline', 'print 2', 200, { 'Content-Length' => 1 }, '2'],
	['print x|decline', 'print 2', 200, {}, '2'],
	['fill 60000|decline', 'print 2', 200, {}, '2'],
	['file /proc/version 0 5|decline', 'print 2', 200, {}, '2'],
	['note user=joe|decline', 'tell note user', 200, {}, '[joe]'],
	['note a=1|note a=2|decline', 'tell note a', 200, {}, '[2]'],
	['note a=1|note b=2|decline', 'tell note a|tell note b|tell note c',
	    200, {}, '[1][2][(none)]'],
	['note a=1|note a|decline', 'tell note a', 200, {}, '[(none)]'],
	['decline', 'return 503', 503, {}, qr/503/],
	['return 403', 'print 2', 403, {}, qr/403/],
	['return 0', 'print 2', 500, {}, qr/500/],
	['tell calls|tell calls', 'print 2', 200, {}, '[1][2]'],
) {
	my ($first, $second, $status, $fields, $body) = @$case;
	my $answer = $daemon->get(steps($first, $second));
	is($answer->{status}, $status, "$first; $second: status");
	fields_ok($answer, $fields, "$first; $second: fields");
	ref $body ? like($answer->{body}, $body, "$first; $second: content")
	    : is($answer->{body}, $body, "$first; $second: content");
}
is($daemon->request('POST', '/chain?a=' . Prong::Act::escape('take 2|decline')
    . '&b=' . Prong::Act::escape('echo 100'), [], 'hello')->{body}, 'llo',
    'what the first handler read of a body is read');

# State of a handler in a process: one for each handler of a route.
my $client = $daemon->connect;
my @calls = map { $client->request('GET', steps($_, 'tell calls'))->{body} }
    'tell calls', 'tell calls', 'decline', 'tell calls', 'decline';
is("@calls", '[1] [2] [1] [3] [2]',
    'each handler of a chain has a state of its own, in each process');
is($daemon->get(steps('tell calls'))->{body}, '[1]',
    'and another connection another');
$client = $daemon->connect;
$client->request('GET', '/broken?broken=print%20x') for 1 .. 2;
is($client->request('GET', '/broken?broken=print%20x')->{status}, 500,
    'a handler whose child callback failed answers 500');
$daemon->wait_log(qr/handler act of route \/broken failed in its child/);
is(scalar(() = $daemon->log =~ /child of broken/g), 1,
    'and is not called again');
pass('which is logged');

# Who may ask.
for my $case (
	['/nobody', 403], ['/me', 200], ['/others', 403],
	['/all-but-me', 403], ['/not-others', 200],
) {
	my ($path, $status) = @$case;
	is($daemon->get("$path?do=print%20x")->{status}, $status,
	    "127.0.0.1 at $path: $status");
}
is($daemon->connect(undef, '127.0.0.2')->request('GET',
    '/all-but-me?do=print%20x')->{status}, 200,
    '127.0.0.2 at /all-but-me: 200');

# What a handler may know.
for my $case (
	['tell method', [], '[GET]'],
	['tell protocol', [], '[HTTP/1.1]'],
	['tell scheme', [], '[http]'],
	['tell host', [], '[localhost]'],
	['tell host', ['Host: EXAMPLE.org:8080'], '[example.org]'],
	['tell host', ['Host: [::1]:80'], '[[::1]]'],
	['tell client', [], '[127.0.0.1]'],
	['tell field X', [], '[(none)]'],
	['tell field X', ['X: 1'], '[1]'],
	['tell field x', ['X: 1', 'x: 2', 'X:', 'X: 3'], '[1, 2, , 3]'],
	['tell field X', ["X: \t a  b \t"], '[a  b]'],
	['tell field X', ['X:'], '[]'],
	['tell field X', ["X: \xe4"], "[\xe4]"],
	['tell field Xy', ['X: 1'], '[(none)]'],
) {
	my ($steps, $fields, $body) = @$case;
	is($daemon->get(steps($steps), @$fields)->{body}, $body,
	    join ', ', $steps, @$fields);
}
for my $case (
	['a=1', 'a', '[1]'], ['a=1&a=2', 'a', '[1]'], ['a=', 'a', '[]'],
	['a', 'a', '[]'], ['b=1', 'a', '[(none)]'], ['a=+%2B%20x', 'a', '[ + x]'],
	['a=%zz', 'a', '[%zz]'], ['%61=1', 'a', '[1]'], ['a=%00', 'a',
	    '[(none)]'], ['aa=1&a=2', 'a', '[2]'], ['a=1=2', 'a', '[1=2]'],
	['a=%e4', 'a', "[\xe4]"],
) {
	my ($query, $name, $body) = @$case;
	is($daemon->get("/act?$query&do=tell%20query%20$name")->{body}, $body,
	    "$name in ?$query");
}
is($daemon->get('/act?do=tell%20query_string')->{body},
    '[do=tell%20query_string]', 'the query as it was sent');
is($daemon->request('GET', 'http://other.example/act?do=tell%20host')
    ->{body}, '[other.example]', 'an absolute target beats Host');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
