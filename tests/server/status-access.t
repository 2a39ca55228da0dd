# Who may see the status: this machine by default, by a name that belongs to it,
# and not by a page of another site or an unknown proxy.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;

my $routes = '{ path = "/status"; status = { }; }, '
    . '{ exact = "/allowed"; status = { }; allow = [ "192.0.2.0/24", '
    . '"127.0.0.0/8" ]; }';

sub serve {
	my ($settings) = @_;
	return start(config("$settings\naccess_log = \"off\"; sites = ( "
	    . "{ routes = ( $routes ); }, { hosts = [ \"status.example.org\", "
	    . "\"*.example.net\" ]; routes = ( $routes ); } );"));
}

# A request of a client that the PROXY header names; undef: there is no header.
sub ask_as {
	my ($daemon, $client, $target, @fields) = @_;
	my $connection = $daemon->connect;
	$connection->send("PROXY TCP4 $client 198.51.100.1 4711 80\r\n")
	    if $client;
	my $answer = $connection->request('GET', $target, \@fields);
	$connection->close;
	return $answer;
}

my @direct = (
	# status, title, fields
	[ 200, 'localhost', 'Host: localhost' ],
	[ 200, 'localhost with a port', 'Host: LOCALHOST:8080' ],
	[ 200, 'an address', 'Host: 127.0.0.1' ],
	[ 200, 'an address with a port', 'Host: 127.0.0.1:8080' ],
	[ 200, 'an address of any machine', 'Host: 192.0.2.7' ],
	[ 200, 'an IPv6 address', 'Host: [::1]' ],
	[ 200, 'an IPv6 address with a port', 'Host: [2001:db8::1]:80' ],
	[ 200, 'a host of the site', 'Host: status.example.org' ],
	[ 200, 'the same in capitals', 'Host: STATUS.Example.ORG:80' ],
	[ 200, 'a host by its pattern', 'Host: a.b.example.net' ],
	[ 403, 'another name', 'Host: evil.example', qr/host.*"evil\.example"/s ],
	[ 403, 'a name with a port', 'Host: evil.example:80',
	    qr/hosts = \[ "evil\.example" \]/ ],
	[ 403, 'a name below a host', 'Host: x.status.example.org' ],
	[ 403, 'a name that begins as an address', 'Host: 127.0.0.1.evil.example' ],
	[ 403, 'a name that begins as localhost', 'Host: localhost.evil.example' ],
	[ 403, 'the name of an address in another form', 'Host: 0x7f000001' ],
	[ 403, 'two numbers', 'Host: 127.1' ],
	[ 200, 'a page of the same site', 'Sec-Fetch-Site: same-origin' ],
	[ 200, 'a typed address', 'Sec-Fetch-Site: none' ],
	[ 403, 'a page of another site', 'Sec-Fetch-Site: cross-site',
	    qr/another site/ ],
	[ 403, 'the same in capitals', 'Sec-Fetch-Site: CROSS-SITE' ],
	[ 403, 'Forwarded', 'Forwarded: for=192.0.2.1', qr/field Forwarded\b/ ],
	[ 403, 'X-Forwarded-For', 'X-Forwarded-For: 127.0.0.1',
	    qr/X-Forwarded-For.*trusted_proxies/s ],
	[ 403, 'X-Forwarded-Host', 'X-Forwarded-Host: localhost' ],
	[ 403, 'X-Real-IP', 'X-Real-IP: 127.0.0.1' ],
	[ 403, 'Via', 'Via: 1.1 proxy', qr/field Via\b/ ],
);
{
	my $daemon = serve('');
	for (@direct) {
		my ($status, $title, $field, $says) = @$_;
		for my $target ('/status', '/status?format=json', '/allowed') {
			my $answer = ask_as($daemon, undef, $target, $field);
			is($answer->{status}, $status, "$title: $status for $target");
			like($answer->{body}, $says, 'with the reason')
			    if $says && $target ne '/allowed';
			unlike($answer->{body}, qr/pid|generation/,
			    'and nothing of the status') if $status == 403;
		}
	}
	my $answer = ask_as($daemon, undef, '/status', 'Origin: http://x.example');
	is($answer->field('Access-Control-Allow-Origin'), undef,
	    'no other site may read the status');
	is($answer->field('Cross-Origin-Resource-Policy'), 'same-origin',
	    'nor include it');
	$answer = ask_as($daemon, undef, '/status?ready', 'Host: evil.example',
	    'Via: 1.1 proxy');
	is($answer->{status}, 200, 'whether the server is ready is no secret');
	is($answer->{body}, "ready\n", 'and it is');
	$answer = $daemon->connect;
	$answer->send("GET /status HTTP/1.0\r\n\r\n");
	is($answer->answer->{status}, 200, 'HTTP/1.0 needs no host');
	is($daemon->stop, 0, 'the daemon stops');
}

# By a proxy that names its clients.
{
	my $daemon = serve('trusted_proxies = [ "127.0.0.1" ]; '
	    . 'proxy_protocol = true;');
	my @proxied = (
		[ 200, '127.0.0.1', '/status', 'this machine' ],
		[ 200, '127.0.0.1', '/status', 'this machine by a proxy',
		    'X-Forwarded-For: 127.0.0.1' ],
		[ 403, '192.0.2.1', '/status', 'another machine' ],
		[ 200, '192.0.2.1', '/allowed', 'a machine of the list' ],
		[ 200, '192.0.2.1', '/allowed', 'the same by a proxy',
		    'Via: 1.1 proxy' ],
		[ 403, '192.0.2.1', '/allowed', 'a machine of the list and '
		    . 'another name', 'Host: evil.example' ],
		[ 403, '198.51.100.9', '/allowed', 'another one' ],
		[ 200, '192.0.2.1', '/status?ready', 'a load balancer' ],
		[ 403, '198.51.100.9', '/allowed?ready',
		    'a load balancer that is not in the list' ],
	);
	for (@proxied) {
		my ($status, $client, $target, $title, @fields) = @$_;
		my $answer = ask_as($daemon, $client, $target, @fields);
		is($answer->{status}, $status, "$title: $status for $target");
	}
	like(ask_as($daemon, '192.0.2.1', '/status')->{body},
	    qr/allow = \[.*"192\.0\.2\.1" \]/s, 'the list that would admit it');
	is($daemon->stop, 0, 'the daemon stops');
}

# By a proxy whose clients nobody names.
{
	my $daemon = serve('trusted_proxies = [ "127.0.0.1" ];');
	my $field = 'X-Forwarded-For: 127.0.0.1';
	is(ask_as($daemon, undef, '/status')->{status}, 200,
	    'the machine of a trusted proxy itself');
	my $answer = ask_as($daemon, undef, '/status', $field);
	is($answer->{status}, 403, 'its clients may be anybody');
	like($answer->{body}, qr/allow in the route/, 'which the text explains');
	is(ask_as($daemon, undef, '/allowed', $field)->{status}, 200,
	    'unless a list admits the proxy');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
