# Bodies of requests: read when a handler asks, limited, timed, thrown away.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;

write_file('www/a.txt', "a\n");
my $daemon = start(act_config(<<'CONF', <<'ROUTES'));
body_timeout = "1500 ms"; access_log = "off";
CONF
{ path = "/ten"; max_body = "10"; act = { }; },
{ path = "/none"; max_body = "0"; act = { }; },
{ path = "/big"; max_body = "10 MiB"; body_timeout = "20 s"; act = { }; },
{ path = "/rate"; min_body_rate = "1 KiB"; act = { }; }
ROUTES

sub chunked {
	return join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @_, '';
}

# A request as octets, its body as they are told.
sub raw {
	my ($target, $fields, $body) = @_;
	return "POST $target HTTP/1.1\r\nHost: a\r\n$fields\r\n\r\n$body";
}
my $te = 'Transfer-Encoding: chunked';

# Every framing and size, read in steps of every size.
for my $size (0, 1, 9, 10, 11, 4095, 4096, 4097, 16384, 65535, 65536,
    100000, 1000000) {
	my $body = lines($size);
	for my $step (1, 7, 4096, 65536) {
		next if $step < 100 && $size > 70000;
		my $target = steps("status 200|echo $step");
		my $client = $daemon->connect;
		my $answer = $client->request('POST', $target, [], $body);
		ok($answer->{body} eq $body,
		    "$size octets with a length, in steps of $step");
		$client->send(raw($target, $te,
		    chunked(unpack '(a10000)*', $body)));
		ok($client->answer->{body} eq $body,
		    "$size octets in chunks, in steps of $step");
		is($client->request('GET', '/a.txt')->{body}, "a\n",
		    "$size, $step: the connection goes on");
	}
}
my $client = $daemon->connect;
$client->send(raw(steps('echo 3'), $te, chunked(split //, lines(3000))));
is($client->answer->{body}, lines(3000), 'three thousand chunks of one octet');
$client->send(raw(steps('echo 100'), $te,
    "5;a=b;c=\"d\"\r\nhello\r\n0\r\nX: trailer\r\n\r\n"));
is($client->answer->{body}, 'hello', 'extensions and trailers are dropped');
is($daemon->request('POST', steps('tell body_length'), [], 'hello')->{body},
    '[5]', 'a handler may ask for the length');
is($daemon->request('POST', steps('tell body_length'), [$te],
    chunked('x'))->{body}, '[-1]', 'which of chunks is not known');
is($daemon->get(steps('tell body_length|read 10|results'))->{body}, '[0]{}',
    'no body is of length 0 and ends at once');
is($daemon->request('GET', steps('echo 10'), [], 'x')->{body}, 'x',
    'GET may have a body');
is($daemon->request('POST', steps('read 10|read 10|results'), [], 'hello')
    ->{body}, '{read=5 }', 'the end is told again');

# Bodies that come in pieces.
$client = $daemon->connect;
$client->send(raw(steps('log begun|echo 100|log ended'),
    'Content-Length: 6', ''));
$daemon->wait_log(qr/begun/);
for my $piece ('ab', 'cd', 'ef') {
	select undef, undef, undef, 0.05;
	$client->send($piece);
}
is($client->answer->{body}, 'abcdef', 'a body that comes slowly');
$client->send(raw(steps('echo 100'), $te, ''));
for my $octet (split //, chunked('ab', 'cde')) {
	select undef, undef, undef, 0.005;
	$client->send($octet);
}
is($client->answer->{body}, 'abcde', 'chunks that come octet by octet');

# Limits: at the limit and one beyond. Title, target, fields, body, status.
my $ten = '/ten?do=read%20100%7Cresults';
for my $case (
	['as long as the limit', $ten, 'Content-Length: 10', 'x' x 10, 200],
	['one octet longer', $ten, 'Content-Length: 11', 'x' x 11, 413],
	['one octet longer, not sent', $ten, 'Content-Length: 11', '', 413],
	['immensely longer', $ten, 'Content-Length: 9223372036854775807', '',
	    413],
	['one octet longer and not asked for', '/ten?do=print%20x',
	    'Content-Length: 11', 'x' x 11, 413],
	['chunks up to the limit', $ten, $te, chunked('x' x 4, 'y' x 6), 200],
	['chunks beyond it', $ten, $te, chunked('x' x 4, 'y' x 7), 413],
	['one chunk beyond it, only announced', $ten, $te, "b\r\n", 413],
	['nothing where nothing is allowed', '/none?do=read%201%7Cresults',
	    'Content-Length: 0', '', 200],
	['an octet where nothing is allowed', '/none?do=print%20x',
	    'Content-Length: 1', 'x', 413],
	['nothing in chunks where nothing is allowed',
	    '/none?do=read%201%7Cresults', $te, chunked(), 200],
	['as much as is usual', steps('read 65536|results'),
	    'Content-Length: 1048576', 'x' x 1048576, 200],
	['an octet more', steps('read 65536|results'),
	    'Content-Length: 1048577', 'x' x 1048577, 413],
) {
	my ($title, $target, $fields, $body, $status) = @$case;
	my $one = $daemon->connect;
	$one->send(raw($target, $fields, $body));
	my $answer = $one->answer;
	is($answer && $answer->{status}, $status, "$title: $status");
	next if $status == 200;
	is($answer->field('Connection'), 'close', "$title: and close");
	$one->finish;
	ok(!length $one->rest, "$title: nothing more");
}

# An error answer reaches a client that is still sending.
for my $case (
	['much more than the limit', $ten, 'Content-Length: 5000000'],
	['much that nobody reads', steps('print x'),
	    'Content-Length: 1000000'],
	['much for a method that is not taken', '/a.txt',
	    'Content-Length: 5000000'],
	['much in a malformed request', steps('print x'),
	    "Content-Length: 5000000\r\nContent-Length: 5"],
) {
	my ($title, $target, $fields) = @$case;
	my $one = $daemon->connect;
	my $sent = $one->send(raw($target, $fields, ''))
	    && $one->send('x' x 2000000);
	my $answer = eval { $one->answer };
	ok($answer && !$one->{reset}, "$title: the answer arrives");
	is($answer && $answer->field('Connection'), 'close', "$title: closed");
}

# What is malformed, found while the handler reads.
for my $body ("x\r\n", "5\r\nhelloX\r\n", "5\r\nhello\n0\r\n\r\n", "-1\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "\r\n", " 5\r\n",
    "ffffffffffffffffff\r\n", "0\r\nno colon\r\n\r\n", "5;\"\r\nhello\r\n") {
	my $shown = $body =~ s/\r/\\r/gr =~ s/\n/\\n/gr;
	for my $steps ('echo 100', 'print x|read 100', 'read 100|return 201') {
		my $one = $daemon->connect;
		$one->send(raw(steps($steps), $te, $body)
		    . "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
		my $answer = $one->answer;
		like($answer && $answer->{status}, qr/\A4(00|13)\z/,
		    "\"$shown\", $steps: refused");
		is($answer && $answer->field('Connection'), 'close',
		    "\"$shown\", $steps: and close");
		$one->finish;
		ok(!length $one->rest, "\"$shown\", $steps: nothing more");
	}
}
$client = $daemon->connect;
$client->send(raw(steps('print a|flush|read 100|print b'), $te, "zz\r\n"));
my $answer = $client->answer;
ok($answer->{cut}, 'an answer that began before the body failed is cut');

# Time.
my @slow = map { [ @$_, $daemon->connect, time ] } (
	['that does not come', 'Content-Length: 5', ''],
	['that stops', 'Content-Length: 5', 'hel'],
	['whose chunk stops', $te, "5\r\nhel"],
	['whose chunks stop', $te, "5\r\nhello\r\n"],
	['whose end stops', $te, "5\r\nhello\r\n0\r\n"],
);
for (@slow) {
	my (undef, $fields, $body, $one) = @$_;
	$one->send(raw(steps('read 100|results'), $fields, $body));
}
for (@slow) {
	my ($title, undef, undef, $one, $begin) = @$_;
	$answer = $one->answer;
	is($answer && $answer->{status}, 408, "408 for a body $title");
	cmp_ok(time - $begin, '>', 1.4, 'not before body_timeout');
}
$client = $daemon->connect;
$client->send(raw('/rate?do=read%20300', 'Content-Length: 300', ''));
my $sent = 0;
while ($sent < 300) {
	last if $client->socket->connected && IO::Select->new($client->socket)
	    ->can_read(0.05) || !$client->send('x');
	$sent++;
}
$answer = $client->answer;
is($answer && $answer->{status}, 408, '408 for a body below min_body_rate');
cmp_ok($sent, '<', 300, 'though something comes all the time');

# Clients that leave.
$client = $daemon->connect;
$client->send(raw(steps('log waits|read 100|log_results'),
    'Content-Length: 100', 'x'));
$daemon->wait_log(qr/waits/);
$client->close;
ok($daemon->wait_log(qr/results: read=-1 /), 'a handler is told of it');
$client = $daemon->connect;
$client->send(raw(steps('read 100|results'), 'Content-Length: 100', 'x'));
$client->finish;
ok(!length $client->rest, 'who ends too early has no answer');

# What no handler reads.
for my $case (
	['little', 'x' x 1000, 1],
	['64 KiB', 'x' x 65536, 1],
	['256 KiB', 'x' x 262144, 1],
	['more', 'x' x 500000, 0],
) {
	my ($title, $body, $lives) = @$case;
	for my $target (steps('print x'), '/a.txt', '/act') {
		my $one = $daemon->connect;
		$answer = $one->request('POST', $target, [], $body);
		is($answer->field('Connection'), $lives ? undef : 'close',
		    "$title, unread by $target: the connection " .
		    ($lives ? 'lives' : 'closes'));
		is($one->request('GET', '/a.txt')->{body}, "a\n",
		    "$title, unread by $target: the next is answered")
		    if $lives;
	}
}
$client = $daemon->connect;
$client->send(raw(steps('print x'), $te, chunked('y' x 1000)));
is($client->answer->field('Connection'), undef, 'unread chunks are dropped');
is($client->request('GET', '/a.txt')->{body}, "a\n", 'the next is answered');
$client = $daemon->connect;
$client->send(raw(steps('print x'), $te, "nonsense\r\n"));
$answer = $client->answer;
is($answer->{status}, 400, 'malformed chunks that nobody reads are refused');
is($answer->field('Connection'), 'close', 'and the close');
$client = $daemon->connect;
$client->send(raw(steps('take 2|print x'), 'Content-Length: 5', 'hello'));
is($client->answer->{body}, 'x', 'a body read in part');
is($client->request('GET', '/a.txt')->{body}, "a\n", 'the rest is dropped');

# 100 (Continue).
sub expecting {
	my ($target, $fields, $body) = @_;
	return raw($target, join("\r\n", 'Expect: 100-continue', $fields),
	    $body);
}
$client = $daemon->connect;
$client->send(expecting(steps('log reads|echo 100'), 'Content-Length: 5', ''));
wait_until { $client->{got} =~ /\r\n\r\n/ || ($client->fill, 0)[1] } '100';
like($client->{got}, qr/\AHTTP\/1\.1 100 Continue\r\n\r\n\z/,
    'a client that waits is told to go on when the handler reads');
$client->send('hello');
$answer = $client->answer;
is($answer->{body}, 'hello', 'and its body is read');
is(scalar @{$answer->{interim}}, 1, 'it is told once');
is($client->request('GET', '/a.txt')->{body}, "a\n", 'the connection lives');

# Title, target, fields, body, interim answers, status, connection.
for my $case (
	['the body is there already', steps('echo 100'),
	    'Content-Length: 5', 'hello', 0, 200, undef],
	['there is no body', steps('status 200|echo 100'), 'Content-Length: 0', '', 0,
	    200, undef],
	['nobody reads', steps('print no'), 'Content-Length: 5', '', 0, 200,
	    'close'],
	['it is too long', $ten, 'Content-Length: 11', '', 0, 413, 'close'],
	['there is no such page', '/nowhere', 'Content-Length: 5', '', 0, 405,
	    'close'],
	['the handler refuses', steps('return 403'), 'Content-Length: 5', '',
	    0, 403, 'close'],
) {
	my ($title, $target, $fields, $body, $count, $status, $option) = @$case;
	my $one = $daemon->connect;
	$one->send(expecting($target, $fields, $body));
	$answer = $one->answer;
	is(scalar @{$answer->{interim}}, $count,
	    "100-continue, $title: interim answers");
	is($answer->{status}, $status, "100-continue, $title: status");
	is($answer->field('Connection'), $option,
	    "100-continue, $title: connection");
}
$client = $daemon->connect;
$client->send(expecting(steps('print a|flush|read 100|results'),
    'Content-Length: 5', ''));
wait_until { $client->{got} =~ /1\r\na\r\n/ || ($client->fill, 0)[1] } 'a';
$client->send('hello');
$answer = $client->answer;
is(scalar @{$answer->{interim}}, 0, 'no 100 once the answer has begun');
is($answer->{body}, 'a{read=5 }', 'but a body that comes is read');
is($answer->field('Connection'), 'close', 'and nothing follows it');
$client = $daemon->connect;
$client->send("POST " . steps('echo 100') . " HTTP/1.0\r\n"
    . "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
select undef, undef, undef, 0.1;
$client->send('hello');
$answer = $client->answer;
is($answer->{body}, 'hello', 'HTTP/1.0 knows no 100');
is(scalar @{$answer->{interim}}, 0, 'and is sent none');

# Large ones.
is($daemon->request('PUT', '/big?do=read%2065536%7Cresults', [], 'x' x (8 << 20))
    ->{body}, '{read=8388608 }', 'a body of 8 MiB');

$daemon->stop;
done_testing;
