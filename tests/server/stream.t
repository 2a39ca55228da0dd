# Answers that are sent in pieces, promised, cut, or made of files.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;

my $config = act_config("idle_timeout = \"30 s\";\n");
my $small = write_file('data/small', lines(1000));
my $large = write_file('data/large', lines(300000));
my $empty = write_file('data/empty', '');
chmod 0666, $small, $large;
my $daemon = start($config);

# HTTP/1.1: title, steps, length (undef: chunked), body.
for my $case (
	['a short answer has a length', 'print x', 1, 'x'],
	['many writes are one answer', 'print a|print b|print c', 3, 'abc'],
	['what fits in memory has a length', 'fill 60000', 60000,
	    lines(60000)],
	['64 KiB fit', 'block 65536', 65536, lines(65536)],
	['one octet more does not', 'block 65537', undef, lines(65537)],
	['many small writes beyond 64 KiB', 'fill 200000', undef,
	    lines(200000)],
	['a large write after a small one', 'print x|block 100000', undef,
	    'x' . lines(100000)],
	['a small write after a large one', 'block 100000|print x', undef,
	    lines(100000) . 'x'],
	['a promise of much', 'length 200000|fill 200000', 200000,
	    lines(200000)],
	['a promise kept by one write', 'length 100000|block 100000', 100000,
	    lines(100000)],
	['a promise before a flush', 'length 2|print a|flush|print b', 2,
	    'ab'],
	['a flush without one', 'print a|flush|print b', undef, 'ab'],
	['a flush of nothing', 'flush|print b', undef, 'b'],
	['a flush at the end', 'print a|flush', undef, 'a'],
	['flushes without content', 'flush|flush|flush', undef, ''],
	['nothing promised and nothing sent', 'length 0', 0, ''],
	['formatted text', 'printf 10', 10, ' ' x 9 . 'x'],
	['formatted text of 1 KiB', 'printf 1024', 1024, ' ' x 1023 . 'x'],
	['formatted text of 64 KiB', 'printf 65536', 65536,
	    ' ' x 65535 . 'x'],
	['formatted text of an octet less', 'printf 65535', 65535,
	    ' ' x 65534 . 'x'],
	['formatted text of an octet more', 'printf 65537', undef,
	    ' ' x 65536 . 'x'],
	['formatted text behind a full memory', 'block 65536|printf 3',
	    undef, lines(65536) . '  x'],
	['formatted text beyond memory', 'printf 100000', undef,
	    ' ' x 99999 . 'x'],
	['a small file', "file $small 0 1000", 1000, lines(1000)],
	['a part of it', "file $small 10 20", 20, substr lines(1000), 10, 20],
	['a large file', "file $large 0 300000", 300000, lines(300000)],
	['a part of it', "file $large 7 290000", 290000,
	    substr lines(300000), 7, 290000],
	['nothing of a file', "print x|file $small 0 0", 1, 'x'],
	['a file between texts', "print a|file $small 0 10|print b", 12,
	    "a000000000\nb"],
	['a large one between texts', "print a|file $large 0 100000|print b",
	    100002, 'a' . lines(100000) . 'b'],
	['two small files', "file $small 0 10|file $small 10 10", 20,
	    lines(20)],
	['files beyond a batch',
	    join('|', map { "file $small $_ 1|print ." } 0 .. 29), 60,
	    join('', map { substr(lines(30), $_, 1) . '.' } 0 .. 29)],
	['a file in chunks', "print a|flush|file $small 0 10|print b", undef,
	    "a000000000\nb"],
	['a large file in chunks', "flush|file $large 0 300000|flush|print b",
	    undef, lines(300000) . 'b'],
	['a file after much text', "block 65530|file $small 0 1000", 66530,
	    lines(65530) . lines(1000)],
	['a file of /proc, which sendfile and stat do not know',
	    'flush|file /proc/version 0 13', undef, 'Linux version'],
) {
	my ($title, $steps, $length, $body) = @$case;
	my $client = $daemon->connect;
	my $answer = $client->request('GET', steps($steps));
	is($answer->field('Content-Length'), $length, "$title: the length");
	is($answer->field('Transfer-Encoding'),
	    defined $length ? undef : 'chunked', "$title: the coding");
	ok($answer->{body} eq $body && !$answer->{cut}, "$title: the content")
	    or diag length $answer->{body}, ' octets, not ', length $body;
	is($client->request('GET', steps('print next'))->{body}, 'next',
	    "$title: the connection goes on");
}

# HTTP/1.0: no chunks.
for my $case (
	['a short answer has a length', 'print x', 1, 'x'],
	['a long one ends with the connection', 'fill 200000', undef,
	    lines(200000)],
	['a long one that was promised does not', 'length 200000|fill 200000',
	    200000, lines(200000)],
	['a flushed one ends with the connection', 'print a|flush|print b',
	    undef, 'ab'],
) {
	my ($title, $steps, $length, $body) = @$case;
	my $client = $daemon->connect;
	$client->send('GET ' . steps($steps)
	    . " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	my $answer = $client->answer;
	is($answer->field('Content-Length'), $length,
	    "HTTP/1.0: $title: the length");
	is($answer->field('Connection'),
	    defined $length ? 'keep-alive' : 'close',
	    "HTTP/1.0: $title: and the connection");
	is($answer->field('Transfer-Encoding'), undef,
	    "HTTP/1.0: $title: no coding");
	ok($answer->{body} eq $body, "HTTP/1.0: $title: the content");
}

# What cannot be completed is cut, so that nobody takes it for the whole.
for my $case (
	['less than promised', 'length 10|print short', 'short',
	    qr/answered with less than the length it promised/],
	['much less than promised', 'length 200000|fill 100000',
	    lines(100000), qr/answered with less/],
	['nothing of what was promised', 'length 10', '', qr/with less/],
	['an error after the answer began', 'print a|flush|return 500', 'a',
	    qr/failed in the midst of its answer/],
	['declined after the answer began', 'print a|flush|decline', 'a',
	    qr/declined in the midst of its answer/],
	['nonsense after the answer began', 'print a|flush|return 7', 'a',
	    qr/returned -?\d+, a status that is none; possible: 200/],
	['a small file that ends early', "file $small 0 1001", undef,
	    qr/a file shrank while it was sent to 127/],
	['a large file that ends early', "file $large 0 300001", undef,
	    qr/a file shrank while it was sent to 127/],
	['a file that ends early, in chunks', "flush|file $small 0 1001",
	    undef, qr/a file shrank/],
) {
	my ($title, $steps, $body, $pattern) = @$case;
	my $client = $daemon->connect;
	$client->send("GET " . steps("log $title|$steps")
	    . " HTTP/1.1\r\nHost: a\r\n\r\n");
	my $answer = eval { $client->answer };
	ok(!$answer || $answer->{cut}, "$title: the answer is cut");
	is($answer && $answer->{body}, $body, "$title: what was sent")
	    if defined $body && $answer && defined
	    $answer->field('Content-Length');
	ok($daemon->wait_log(qr/act: \Q$title\E, id \w+ \(.*\n(?:.*\n)*?.*$pattern/),
	    "$title: that is logged");
	ok(!length $client->rest, "$title: and the connection ends");
}

# With HTTP/1.0 only a reset can tell.
my $old = $daemon->connect;
$old->send('GET ' . steps('print a|flush|sleep 50|return 500')
    . " HTTP/1.0\r\n\r\n");
$old->rest;
ok($old->{reset}, 'an answer that ends with the connection is cut by reset');

# More than promised is dropped.
for my $case (
	['more than promised', 'length 5|print hello|print more', 'hello'],
	['more in one write', 'length 5|print hello more', 'hello'],
	['more by format', 'length 5|printf 9', ' ' x 5],
	['more than promised at length', 'length 100000|fill 200000',
	    lines(100000)],
	['more than promised of a file', "length 10|file $small 0 1000",
	    lines(10)],
) {
	my ($title, $steps, $body) = @$case;
	my $client = $daemon->connect;
	my $answer = $client->request('GET', steps("log $title|$steps"));
	ok($answer->{body} eq $body, "$title: only that is sent");
	is($client->request('GET', steps('print next'))->{body}, 'next',
	    "$title: the connection goes on");
	ok($daemon->wait_log(qr/act: \Q$title\E, id \w+ \(.*\n(?:.*\n)*?.*wrote more than/),
	    "$title: that is logged");
}

# When nothing more is wanted, writing says so.
my $wanted = 0;
for my $case (
	['GET', [], 'print a|flush|print b|log_results', ''],
	['HEAD', [], 'print a|flush|print b|log_results',
	    'flush=-1 print=-1 '],
	['GET', ['If-None-Match: "x"'],
	    'etag x|print a|flush|print b|log_results',
	    'flush=-1 print=-1 '],
	['GET', ['Range: bytes=0-0'],
	    'etag x|length 3|print a|flush|print b|log_results',
	    'flush=-1 print=-1 '],
	['GET', ['Range: bytes=1-1'],
	    'etag x|length 3|print a|flush|print b|log_results', ''],
	['GET', [], 'status 204|flush|print b|log_results',
	    'flush=-1 print=-1 '],
) {
	my ($method, $fields, $steps, $results) = @$case;
	my $tag = 'case' . ++$wanted;
	$daemon->request($method, steps("log $tag|$steps"), $fields);
	ok($daemon->wait_log(qr/act: $tag, .*\n.*results: \Q$results\E, id \w+ \(/),
	    "$method @$fields, $steps: \"$results\"");
}

# Flushing sends at once.
my $client = $daemon->connect;
my $begin = time;
$client->send(Prong::request('GET', steps('print now|flush|sleep 3000')));
wait_until { $client->{got} =~ /now/ || ($client->fill, 0)[1] } 'content';
ok(time - $begin < 2, 'what is flushed arrives while the handler works');

# A client that leaves.
$client = $daemon->connect;
$client->send(Prong::request('GET', steps('log leaving|flush|sleep 100|'
    . join('|', map { ('block 1000000') } 1 .. 30) . '|log_results')));
$client->fill;
$client->close;
ok($daemon->wait_log(qr/results: block=-1 .*block=-1/),
    'a handler is told that its client has gone');

is($daemon->get(steps('file /nowhere/at/all 0 1|results'))->{body},
    '{file=-1 }', 'a file that cannot be opened is not sent');
is($daemon->get(steps("file $empty 0 18446744073709551615|results"))->{body},
    '{file=-1 }', 'nor is one of an impossible length');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
