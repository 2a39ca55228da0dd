# The access log: a line for every request, and what a client sends stays
# inside its own field.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "eleven octets\n");
my $log = folder('logs') . '/access';
my $daemon = start(act_config("access_log = \"$log\"; head_timeout = \"3 s\";"));

my $lines = 0;

# The line of the request just made.
sub last_line {
	my $line;
	wait_until {
		my @all = split /^/, -e $log ? read_file($log) : '';
		$line = $all[$lines];
		@all > $lines;
	} 'a line in the access log';
	$lines++;
	return $line;
}

my $stamp = qr{\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]};

# Octets sent; what the line has behind the time.
for my $case (
	["GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
	    '"GET /a.txt HTTP/1.1" 200 14 "-" "-"'],
	["GET /a.txt HTTP/1.0\r\n\r\n",
	    '"GET /a.txt HTTP/1.0" 200 14 "-" "-"'],
	["HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
	    '"HEAD /a.txt HTTP/1.1" 200 - "-" "-"'],
	["GET /a.txt?q HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n",
	    '"GET /a.txt?q HTTP/1.1" 206 2 "-" "-"'],
	["GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: http://b/\r\n"
	    . "User-Agent: test/1 (x; y)\r\n\r\n",
	    '"GET /a.txt HTTP/1.1" 200 14 "http://b/" "test/1 (x; y)"'],
	["GET /a.txt HTTP/1.1\r\nHost: a\r\nUser-Agent: \"\\ \x80\xff\t\"\r\n\r\n",
	    '"GET /a.txt HTTP/1.1" 200 14 "-" "\"\\\\ \x80\xff\x09\""'],
	["GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: \" 200 1 \"\r\n\r\n",
	    '"GET /a.txt HTTP/1.1" 200 14 "\" 200 1 \"" "-"'],
	["GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: %s%n%1000000d\r\n\r\n",
	    '"GET /a.txt HTTP/1.1" 200 14 "%s%n%1000000d" "-"'],
	["GET /%22%0A HTTP/1.1\r\nHost: a\r\n\r\n",
	    qr/"GET \/%22%0A HTTP\/1\.1" 400 \d+ "-" "-"/],
	["POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab",
	    '"POST /echo HTTP/1.1" 200 2 "-" "-"'],
	["GET /a\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n",
	    qr/"GET" 400 \d+ "-" "-"/],
	["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	    qr/"-" 400 \d+ "-" "-"/],
	["G", qr/"-" 408 \d+ "-" "-"/],
	["GET /a.txt HTTP/1.1\r\nHost: a\r\nUser-Agent: " . '"' x 3000
	    . "\r\n\r\n", qr/.*" 200 14 "-" "(\\"){600,650}\.\.\."/],
	["GET /" . 'x' x 5000 . " HTTP/1.1\r\nHost: a\r\nReferer: "
	    . "\x80" x 2000 . "\r\nUser-Agent: " . "\x80" x 2000
	    . "\r\n\r\n", qr/.*x\.\.\. HTTP\/1\.1" 404 \d+ "(\\x80)+\.\.\." "(\\x80)+\.\.\."/],
) {
	my ($octets, $want) = @$case;
	my $shown = substr($octets, 0, 60)
	    =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
	my $client = $daemon->connect;
	$client->send($octets);
	$octets eq 'G' ? $client->rest : $client->answer(
	    $octets =~ /\AHEAD/ ? 'HEAD' : 'GET');
	my $line = last_line();
	my ($rest) = $line =~ /\A127\.0\.0\.1 - - $stamp (.*)\n\z/
	    or fail("a line in combined format: $line");
	ref $want ? like($rest, qr/\A$want\z/, $shown)
	    : is($rest, $want, $shown);
	unlike($line, qr/[^ -~\n]/, 'nothing but printable ASCII');
	cmp_ok(length $line, '<=', 4096, 'which is not too long');
}

is($daemon->get(steps('note user=joe b"|decline', 'print x'))->{status}, 200,
    'a user is noted');
like(last_line(), qr/\A127\.0\.0\.1 - joe\\x20b\\" \[/,
    'and is in the log, escaped');
my $client = $daemon->connect;
$client->send(Prong::request('POST', steps('log waits|read 10'),
    ['Content-Length: 10']));
$daemon->wait_log(qr/waits/);
$client->close;
like(last_line(), qr/" 499 - "-" "-"\n\z/,
    'a client that left before its answer has 499');
$daemon->get(steps('print a|flush|return 500'));
like(last_line(), qr/" 200 1 "-" "-"\n\z/,
    'an answer that was cut has what was sent of it');

# Many at once: lines stay whole.
my @clients = map { $daemon->connect } 1 .. 20;
for my $turn (1 .. 20) {
	$_->send("GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: "
	    . 'r' x 1000 . "\r\n\r\n") for @clients;
	$_->answer for @clients;
}
my $all = 400;
wait_until { (() = read_file($log) =~ /\n/g) >= $lines + $all } 'all lines';
my @new = (split /^/, read_file($log))[$lines .. $lines + $all - 1];
is(scalar(grep { /\A127\.0\.0\.1 - - $stamp "GET \/a\.txt HTTP\/1\.1" 200 14 "r{1000}" "-"\n\z/ }
    @new), $all, 'lines of many connections are not mixed');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
