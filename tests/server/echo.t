# echo: a body comes back octet for octet, a request as text.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Prong;
use Test::More;

my $config = config('{ path = "/echo"; echo = { }; }');
my $all = join '', map { chr } 0 .. 255;

# Bodies by length.
my @bodies = (
	[ "abc\n", 'a line' ], [ '', 'nothing' ], [ 'x', 'an octet' ],
	[ $all, 'all octets' ], [ "\r\n\r\n0\r\n\r\n", 'what looks like framing' ],
	[ $all x 256, 'more than a piece' ], [ 'y' x 1_000_000, 'a megabyte' ],
);
for my $method (qw(POST PUT PATCH DELETE)) {
	my $answer = ask($config, $method, '/echo', undef, "a $method\n");
	is($answer->{body}, "a $method\n", "$method: the body comes back");
}
for (@bodies) {
	my ($body, $title) = @$_;
	my $answer = ask($config, 'POST', '/echo', undef, $body);
	is($answer->{status}, 200, "$title: 200");
	ok($answer->{body} eq $body, "$title comes back as it was");
	is($answer->field('Content-Length'), length $body,
	    "$title has its length");

	my $coded = join '', map { sprintf("%x\r\n", length) . "$_\r\n" }
	    unpack('(a1000)*', $body), ();
	$answer = ask($config, 'POST', '/echo',
	    [ 'Transfer-Encoding: chunked' ], $coded . "0\r\n\r\n");
	ok($answer->{body} eq $body, "$title in chunks comes back as it was");
}
{
	my $octets = once($config, Prong::request('POST', '/echo',
	    [ 'Connection: close' ]));
	my ($answer) = responses($octets, 'POST');
	is($answer->{body}, '', 'a POST without body has none back');
}

# Types.
my @types = (
	[ undef, 'application/octet-stream', 'no type' ],
	[ 'text/plain', 'text/plain', 'a type' ],
	[ 'application/json; charset=utf-8', 'application/json; charset=utf-8',
	    'a type with parameters' ],
	[ 'text/html', 'text/html', 'a page' ],
);
for (@types) {
	my ($sent, $expected, $title) = @$_;
	my $answer = ask($config, 'POST', '/echo',
	    [ defined $sent ? "Content-Type: $sent" : () ], '<script>');
	is($answer->field('Content-Type'), $expected, "$title comes back");
	is($answer->field('X-Content-Type-Options'), 'nosniff',
	    "$title is not guessed at");
	like($answer->field('Content-Security-Policy'), qr/sandbox/,
	    "$title runs nothing");
	is($answer->field('Cache-Control'), 'no-store', "$title is not kept");
}

# GET.
{
	my $answer = get($config, '/echo/a%20b?c=d&e=%00', 'X-Two: 1',
	    'x-two: 2', "X-Blank:\t x \t");
	is($answer->field('Content-Type'), 'text/plain; charset=utf-8',
	    'a request comes back as text');
	is($answer->field('X-Content-Type-Options'), 'nosniff',
	    'which is not guessed at');
	is($answer->{body}, "GET /echo/a%20b?c=d&e=%00 HTTP/1.1\n"
	    . "Host: localhost\nX-Two: 1\nx-two: 2\nX-Blank: x\n"
	    . "Connection: close\n", 'line by line as it was sent');
	my $head = ask($config, 'HEAD', '/echo');
	is($head->{body}, '', 'HEAD has no content');
	is($head->field('Content-Length'), length("HEAD /echo HTTP/1.1\n"
	    . "Host: localhost\nConnection: close\n"), 'but its length');
	my $old = once($config, "GET /echo HTTP/1.0\r\n\r\n");
	like($old, qr/GET \/echo HTTP\/1\.0\n\z/, 'HTTP/1.0 is told so');
}

# One after the other on a connection.
{
	my $octets = join '', map { Prong::request('POST', '/echo', undef, $_) }
	    'one', '', 'three';
	my @answers = responses(once($config, $octets), ('POST') x 3);
	is_deeply([ map { $_->{body} } @answers ], [ 'one', '', 'three' ],
	    'bodies are told apart');
}

# A long body is not kept in memory: the answer begins before it has all come.
{
	my $daemon = start(config('max_body = "1 GiB";' . "\n"
	    . 'sites = ( { routes = ( { path = "/"; echo = { }; } ); } );'));
	my $client = $daemon->connect;
	$client->send(Prong::request('POST', '/', [ 'Content-Length: '
	    . 512 * 1024 * 1024 ]));
	my $got = 0;
	my $piece = 'z' x 65536;
	$client->send($piece) for 1 .. 16;
	$client->fill while length $client->{got} < 65536;
	ok(1, 'the answer to a long body begins before its end');
	$client->close;
	is($daemon->stop, 0, 'the daemon ends well');
}

# Expect: the 100 comes when the body is wanted.
{
	my $octets = once($config, Prong::request('POST', '/echo',
	    [ 'Expect: 100-continue', 'Connection: close' ], 'x'));
	my ($answer) = responses($octets, 'POST');
	is($answer->{body}, 'x', 'a body that was announced comes back');
}

done_testing;
