# The PROXY protocol: trusted proxies name their clients, who then count in
# everything; nobody else can.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC inet_pton AF_INET AF_INET6);
use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "a\n");
my $log = folder('logs') . '/access';
my $routes = <<'CONF';
  { path = "/inside"; act = { }; allow = [ "192.0.2.0/24", "2001:db8::/32" ]; },
  { path = "/outside"; act = { }; deny = "192.0.2.0/24"; },
  { path = "/status"; status = { }; allow = [ "127.0.0.0/8", "192.0.2.0/24" ]; }
CONF

sub settings {
	my ($trusted) = @_;
	return "trusted_proxies = $trusted; proxy_protocol = true;\n"
	    . "access_log = \"$log\"; head_timeout = \"3 s\";\n";
}

my $signature = "\r\n\r\n\0\r\nQUIT\n";

# Version 2: command and version, family and transport, addresses, extensions.
sub v2 {
	my ($command, $family, $rest) = @_;
	return $signature . pack('CCn', $command, $family, length $rest)
	    . $rest;
}

sub v2_tcp4 {
	my ($client, $extensions) = @_;
	return v2(0x21, 0x11, inet_pton(AF_INET, $client)
	    . inet_pton(AF_INET, '198.51.100.1') . pack('nn', 4711, 8443)
	    . ($extensions // ''));
}

sub v2_tcp6 {
	my ($client) = @_;
	return v2(0x21, 0x21, inet_pton(AF_INET6, $client)
	    . inet_pton(AF_INET6, '2001:db8::ff') . pack('nn', 4711, 80));
}

my $v1 = "PROXY TCP4 192.0.2.1 198.51.100.1 4711 8080\r\n";
my $tls = pack 'Cn/a*', 0x20, pack 'CN', 1, 0;

my $config = act_config(settings('"127.0.0.1"'), $routes);

sub answers {
	my ($octets, @methods) = @_;
	return responses(once($config, $octets), @methods);
}

my $tell = request('GET', '/act?do=' . join('%7C', map { "tell+$_" }
    qw(client_port server_port scheme)), ['Connection: close']);

my $itself = '[127.0.0.1]:0[127.0.0.1]:0[http]';

# What a proxy sends first; what handlers are told.
for my $case (
	['version 1', $v1, '[192.0.2.1]:4711[198.51.100.1]:8080[http]'],
	['version 1 with IPv6', "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n",
	    '[2001:db8::1]:1[2001:db8::2]:2[http]'],
	['version 1 that does not know', "PROXY UNKNOWN\r\n", $itself],
	['version 2', v2_tcp4('192.0.2.1'),
	    '[192.0.2.1]:4711[198.51.100.1]:8443[http]'],
	['version 2 with IPv6', v2_tcp6('2001:db8::1'),
	    '[2001:db8::1]:4711[2001:db8::ff]:80[http]'],
	['version 2 of a client with TLS', v2_tcp4('192.0.2.1', $tls),
	    '[192.0.2.1]:4711[198.51.100.1]:8443[https]'],
	['version 2 with other extensions', v2_tcp4('192.0.2.1',
	    pack('Cn/a*Cn/a*', 2, 'a.example', 0xee, "\0\r\n\r\n")),
	    '[192.0.2.1]:4711[198.51.100.1]:8443[http]'],
	['version 2 of the proxy itself', v2(0x20, 0, ''), $itself],
	['version 2 without addresses', v2(0x21, 0, ''), $itself],
	['version 2 of a Unix socket', v2(0x21, 0x31, pack 'a108a108', '/a',
	    '/b'), '[]:-1[]:-1[http]'],
) {
	my ($title, $header, $want) = @$case;
	my ($answer) = answers($header . $tell);
	is($answer && $answer->{body}, $want,
	    "$title: handlers are told client, server, scheme");
}

# An https URI is only for a connection that was secured (RFC 9110 7.4).
for my $case (['without TLS', undef, 421], ['with TLS', $tls, 200]) {
	my ($title, $extension, $status) = @$case;
	my ($answer) = answers(v2_tcp4('192.0.2.1', $extension)
	    . request('GET', 'https://localhost/act?do=print+x',
	    ['Connection: close']));
	is($answer->{status}, $status, "an https URI $title: $status");
}

# Access is the client's, not the proxy's.
for my $case (
	['192.0.2.9', '/inside', 200], ['192.0.3.9', '/inside', 403],
	['192.0.2.9', '/outside', 403], ['192.0.3.9', '/outside', 200],
	['2001:db8::9', '/inside', 200], ['2001:db9::9', '/inside', 403],
) {
	my ($client, $path, $status) = @$case;
	my $family = $client =~ /:/ ? 'TCP6 ' : 'TCP4 ';
	my $server = $client =~ /:/ ? '::1' : '127.0.0.1';
	my $get = request('GET', "$path?do=print+x", ['Connection: close']);
	for my $header ("PROXY $family$client $server 1 2\r\n",
	    $family eq 'TCP6 ' ? v2_tcp6($client) : v2_tcp4($client)) {
		my ($answer) = answers($header . $get);
		is($answer->{status}, $status,
		    "$client at $path: allow and deny go by the client");
	}
}
{
	my ($answer) = answers(v2(0x20, 0, '') . request('GET',
	    '/inside?do=print+x', ['Connection: close']));
	is($answer->{status}, 403, 'the proxy itself is no client of its own');
}

# A proxy that does not speak it has no answer.
for my $case (
	['a request at once', $tell, qr/there is no PROXY header/],
	['a header of lower case', lc($v1) . $tell, qr/no PROXY header/],
	['a line with one address', "PROXY TCP4 192.0.2.1\r\n$tell",
	    qr/the PROXY line is malformed/],
	['a line of 108 octets', 'PROXY UNKNOWN ' . 'x' x 92 . "\r\n$tell",
	    qr/too long/],
	['a header of more than 4096 octets', $signature
	    . "\x21\x11\x0f\xf1" . 'x' x 4096, qr/too long/],
	['a header without its end', substr($v1, 0, -1), qr/not complete/],
	['a header of version 3', "$signature\x31\x11\0\0",
	    qr/unknown version/],
	['a wrong signature', "\r\n\r\n\0\r\nQUIX\n$tell",
	    qr/no PROXY header/],
) {
	my ($title, $octets, $why) = @$case;
	is(once($config, $octets), '', "$title: no answer");
	like(Prong::errors(), qr/127\.0\.0\.1:0 is a trusted proxy, but .*$why/,
	    "$title: the log says why");
}
is(once($config, ''), '', 'a proxy that only connects has no answer');
is(Prong::errors(), '', 'and is not logged');

{
	my @answers = answers($v1 . request('GET', '/a.txt') . $v1 . $tell);
	is(join(' ', map { $_->{status} } @answers), '200 400',
	    'a second header is no request');
	@answers = answers($v1 . "\r\n" . request('GET', '/a.txt',
	    ['X: ' . 'x' x 30000]) . $tell);
	is(join(' ', map { $_->{status} } @answers), '200 200',
	    'a header takes no room from heads');
}

# Routes with other rules are served by another process.
my $two = request('GET', '/a.txt') . $tell;
my $named = '[192.0.2.1]:4711[198.51.100.1]:8443[https]';
is((answers(v2_tcp4('192.0.2.1', $tls) . $two))[1]{body}, $named,
    'what the proxy said holds when the process changes');

# Others.
my $others = act_config(settings('[ "192.0.2.7", "2001:db8::7" ]'), $routes);
for my $header ($v1, v2_tcp4('192.0.2.1')) {
	my @answers = responses(once($others, $header . $tell));
	is($answers[0]{status}, 400, 'who is not trusted gets 400 for it');
	is(scalar(@answers), 1, 'and nothing more');
}
is((responses(once($others, $tell)))[0]{body}, $itself, 'and is served without it');

# Over a Unix socket.
SKIP: {
	socketpair my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC
	    or skip 'no socket pair', 2;
	my $unix = act_config(settings('"unix:"'), $routes);
	my $pid = Prong::spawn($far, $far, \*STDERR, '--once', '-c', $unix);
	close $far;
	syswrite $near, $v1 . $tell;
	my $answer = do { local $/; <$near> };
	waitpid $pid, 0;
	like($answer, qr/\[192\.0\.2\.1\]:4711\[198\.51\.100\.1\]:8080\[http\]\z/,
	    'a proxy at a Unix socket can be trusted');
	is($? >> 8, 0, 'and is served to the end');
}

# The daemon: log, scoreboard, octet by octet, time.
my $daemon = start($config);
my $client = $daemon->connect;
$client->send($v1 . request('GET', '/status?json', ['Accept: application/json']));
like($client->answer->{body}, qr/"client":\s*"192\.0\.2\.1:4711"/,
    'the scoreboard shows the client');
$client->close;
wait_until { read_file($log) =~ m{/status} } 'the log';
like(read_file($log), qr{^192\.0\.2\.1 - - \[.*"GET /status}m,
    'the access log has the client');
for my $header ($v1, v2_tcp6('2001:db8::5')) {
	my $slow = $daemon->connect;
	$slow->send($_), select undef, undef, undef, 0.001
	    for split //, $header;
	$slow->send($tell);
	is($slow->answer->{status}, 200, 'a header may come octet by octet');
}
{
	my $moving = $daemon->connect;
	$moving->send(v2_tcp4('192.0.2.1', $tls) . $two);
	$moving->answer;
	is($moving->answer->{body}, $named, 'and in the daemon, too');
}
my $mute = $daemon->connect;
is($mute->rest, '', 'a proxy that says nothing is closed');
$daemon->wait_log(qr/is a trusted proxy, but sent nothing within head_timeout/);
pass('and is logged');
my $half = $daemon->connect;
$half->send('PROXY TCP4 192.0.2.1 ');
is($half->rest, '', 'a proxy that stops in its header is closed');
$daemon->wait_log(qr/is a trusted proxy, but the header is not complete/);
pass('and is logged, too');
is($daemon->stop, 0, 'the daemon stops');

# What must be set with what.
my $run = prongd('-t', '-c', act_config('proxy_protocol = true;'));
is($run->{status}, 1, 'the protocol without trusted proxies is an error');
like($run->{errors}, qr/proxy_protocol: found true without trusted_proxies; possible: /,
    'which says what is missing');
$run = prongd('-t', '-c', act_config('proxy_protocol = "v2";'));
like($run->{errors}, qr/proxy_protocol: found "v2"; possible: true or false/,
    'a wrong value is an error');

done_testing;
