# What can be framed in two ways is refused, and nothing behind it is looked
# at; what is too large is told so. The parser's own tests have the grammar.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file('www/smuggled', "smuggled\n");
write_file('www/a.txt', "a\n");
my $daemon = start(act_config(<<'CONF'));
max_request_line = "8 KiB"; max_head = "16 KiB"; max_fields = 50;
CONF

my $host = "Host: a\r\n";
my $smuggled = "GET /smuggled HTTP/1.1\r\n$host\r\n";
my $length = length $smuggled;

sub shown {
	my ($text) = @_;
	$text = substr($text, 0, 70) . '...' if length $text > 70;
	return $text =~ s/\r/\\r/gr =~ s/\n/\\n/gr
	    =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
}

# One answer, an error, the close announced and done, and nothing smuggled.
sub refused {
	my ($octets, $status, $title) = @_;
	my $client = $daemon->connect;
	$client->send($octets);
	my $answer = eval { $client->answer };
	$client->finish;
	my $rest = $client->rest;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	like($answer ? $answer->{status} : 'none', $status, "$title: refused");
	is($answer && $answer->field('Connection'), 'close',
	    "$title: the close is announced");
	ok($answer && $rest eq '' && $answer->{body} !~ /smuggled/,
	    "$title: nothing more is answered");
}

# Fields of a POST with a body that might be a request.
my $te = 'Transfer-Encoding';
my $cl = 'Content-Length';
for my $fields (
	"$cl: $length\r\n$te: chunked", "$te: chunked\r\n$cl: $length",
	"$cl: 0\r\n$te: chunked", "$cl: $length\r\n$cl: 0",
	"$cl: 0\r\n$cl: $length", "$cl: 5, 6", "$cl: +5", "$cl: -5",
	"$cl: 5 5", "$cl: 0x5", "$cl: 5.0", "$cl:", "$cl: ", "$cl: five",
	"$cl: 18446744073709551616", "$cl: 99999999999999999999999",
	"$cl : 5", "$te : chunked", " $cl: 5", "$te: chunked, identity",
	"$te: chunked, chunked", "$te: chunked\r\n$te: chunked",
	"$te: identity", "$te: gzip", "$te: gzip, chunked", "$te:",
	"$te: chunke", "$te: xchunked", "$te: \"chunked\"", "$te: chunked;a=b",
	"$te: \x0bchunked", "$te:\r\n chunked", "X: a\r\n b", "X: a\rb",
	"X: a\0b", "X\0: a", "X a: b", ": a", 'nocolon', "$host",
	"Host: b", "\x80: a", "$te: chunked\n$cl: 5", "$cl: 5\n",
	"$cl: 3\r\n$cl: 03",
) {
	refused("POST /echo HTTP/1.1\r\n$host$fields\r\n\r\n$smuggled",
	    qr/\A(400|413|501)\z/, shown($fields));
}
refused("POST /echo HTTP/1.0\r\n$host$te: chunked\r\n\r\n0\r\n\r\n$smuggled",
    qr/\A400\z/, 'chunks with HTTP/1.0');

# A body that is wrong as far as it is there, and that no handler reads.
for my $case (
	["x\r\n", 400], ["-1\r\n", 400], ["5\r\nhelloX", 400],
	["5\nhello\r\n0\r\n\r\n", 400], ["0\r\nnocolon\r\n\r\n", 400],
	["ffffffffffffffffff\r\n", qr/400|413/], ["7fffffff\r\nx", 413],
) {
	my ($body, $status) = @$case;
	refused("GET /a.txt HTTP/1.1\r\n$host$te: chunked\r\n\r\n$body",
	    qr/\A(?:$status)\z/, 'GET with ' . shown($body));
}
is($daemon->request('GET', '/a.txt', ["$te: chunked"], "5\r\nhello\r\n0\r\n\r\n")
    ->{status}, 200, 'a right one that nobody reads does no harm');

# Request lines and Host.
for my $case (
	["GET /a.txt\r\n\r\n", 400], ["GET  /a.txt HTTP/1.1\r\n$host\r\n", 400],
	["GET /a.txt  HTTP/1.1\r\n$host\r\n", 400],
	["GET /a.txt HTTP/1.1 \r\n$host\r\n", 400],
	[" GET /a.txt HTTP/1.1\r\n$host\r\n", 400],
	["GET\t/a.txt\tHTTP/1.1\r\n$host\r\n", 400],
	["GET /a.txt HTTP/1.1\n$host\r\n", 400],
	["GET /a.txt HTTP/1.1\r\n\r\n", 400],
	["GET /a.txt HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
	["GET /a.txt HTTP/1.1\r\nHost: a/b\r\n\r\n", 400],
	["GET /a.txt HTTP/1.1\r\nHost: a:b\r\n\r\n", 400],
	["GET /a.txt HTTP/1.1\r\nHost: a, b\r\n\r\n", 400],
	["GET /a.txt HTTP/2.0\r\n$host\r\n", 505],
	["GET /a.txt HTTP/0.9\r\n$host\r\n", qr/400|505/],
	["GET /a.txt HTTP/1\r\n$host\r\n", 400],
	["GET /a.txt http/1.1\r\n$host\r\n", 400],
	["GET /a\\b HTTP/1.1\r\n$host\r\n", 400],
	["GET /%zz HTTP/1.1\r\n$host\r\n", 400],
	["GET /%00 HTTP/1.1\r\n$host\r\n", 400],
	["GET /%2f HTTP/1.1\r\n$host\r\n", 400],
	["GET /../a HTTP/1.1\r\n$host\r\n", 400],
	["GET /a#b HTTP/1.1\r\n$host\r\n", 400],
	["GET a.txt HTTP/1.1\r\n$host\r\n", 400],
	["GET ftp://a/ HTTP/1.1\r\n$host\r\n", 400],
	["GET http:///a HTTP/1.1\r\n$host\r\n", 400],
	["GET http://u\@a/ HTTP/1.1\r\n$host\r\n", 400],
	["G{}T / HTTP/1.1\r\n$host\r\n", 400],
	["\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n$host\r\n", 400],
	["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
	["GET /a.txt HTTP/1.1\r\n${host}Expect: a-wonder\r\n\r\n", 417],
) {
	my ($octets, $status) = @$case;
	refused($octets . $smuggled, qr/\A(?:$status)\z/, shown($octets));
}

# A refused HEAD has no content, like every other (RFC 9110 9.3.2).
for my $case (
	["HEAD /" . 'x' x 9000 . " HTTP/1.1\r\n$host\r\n", 414],
	["HEAD /\0 HTTP/1.1\r\n$host\r\n", 400],
	["HEAD /\x01 HTTP/1.1\r\n$host\r\n", 400],
	["HEAD / HTTP/1.1\n$host\n", 400],
	["HEAD / HTTP/1.1\r$host\r", 400],
	["HEAD /a b HTTP/1.1\r\n$host\r\n", 400],
	["HEAD /\r\n\r\n", 400],
	["HEAD\r\n\r\n", 400], ["HEAD\n\n", 400],
	["HEAD\t/ HTTP/1.1\r\n$host\r\n", 400],
	["\r\nHEAD /\0 HTTP/1.1\r\n$host\r\n", 400],
	["HEAD /a.txt HTTP/1.1\r\n${host}X: a\0b\r\n\r\n", 400],
	["HEAD /a.txt HTTP/1.1\r\n${host}X: a\nY: b\r\n\r\n", 400],
	["HEAD /a.txt HTTP/1.1\r\n${host}X: " . 'x' x 20000, 431],
	["HEAD /a.txt HTTP/3.0\r\n$host\r\n", 505],
) {
	my ($octets, $status) = @$case;
	my $client = $daemon->connect;
	$client->send($octets);
	like($client->rest, qr/\AHTTP\/1\.1[ ]$status[ ][^\r]*\r\n
	    (?:[\w-]+:[ ][^\r]*\r\n)+\r\n\z/x,
	    shown($octets) . ': no content');
}

# Limits: what is just right, and an octet more.
sub line_of {
	my ($octets) = @_;
	return 'GET /a.txt?' . 'q' x ($octets - 20) . " HTTP/1.1";
}
sub head_of {
	my ($octets) = @_;
	my $head = "GET /a.txt HTTP/1.1\r\n$host";
	$head .= 'X: ' . 'x' x 7000 . "\r\n" for 1, 2;
	return $head . 'X: ' . 'x' x ($octets - length($head) - 7)
	    . "\r\n\r\n";
}
sub fields_of {
	my ($count) = @_;
	return "GET /a.txt HTTP/1.1\r\n$host" . "X: y\r\n" x ($count - 1)
	    . "\r\n";
}
for my $case (
	['a request line', line_of(8192) . "\r\n$host\r\n",
	    line_of(8193) . "\r\n$host\r\n", 414],
	['a head', head_of(16384), head_of(16385), 431],
	['fields', fields_of(50), fields_of(51), 431],
	['a request line without end', undef, 'GET /' . 'x' x 100000, 414],
	['a field without end', undef, "GET / HTTP/1.1\r\n${host}X: "
	    . 'x' x 100000, 431],
	['a name without end', undef, "GET / HTTP/1.1\r\n${host}"
	    . 'x' x 100000, 431],
	['fields without end', undef, "GET / HTTP/1.1\r\n${host}"
	    . "X: y\r\n" x 100000, 431],
) {
	my ($title, $right, $beyond, $status) = @$case;
	if (defined $right) {
		my $client = $daemon->connect;
		for my $i (1 .. 3) {
			$client->send($right);
			is($client->answer->{status}, 200,
			    "$title at the limit, $i");
		}
		$client->send($right x 5);
		is($client->answer->{status}, 200,
		    "$title at the limit, pipelined, $_") for 1 .. 5;
	}
	refused($beyond, qr/\A$status\z/, "$title beyond the limit");
}
my $head = head_of(16384);
$head =~ s/GET \/a.txt/POST \/echo/;
$head =~ s/x{40}\r\n\r\n\z//;
$head .= "\r\nContent-Length: 70000\r\n\r\n";
my $client = $daemon->connect;
$client->send(($head =~ s/70000/5/r . 'hello') x 4 . $head . 'y' x 70000);
is(join('', map { $client->answer->{body} } 1 .. 4), 'hello' x 4,
    'bodies behind large heads');
is($client->answer->{body}, 'y' x 70000, 'and a large one');

# Errors tell nothing of the request.
for my $target ('/<script>', '/"onload="', '/%3Cscript%3E') {
	my $answer = $daemon->get($target);
	unlike($answer->{body}, qr/script>|onload/, "$target is not repeated");
}

ok($daemon->wait_log(qr/info: 127\.0\.0\.1:\d+: 400, \S.* \("POST \/echo HTTP\/1\.1"\)/),
    'a refusal is logged with client, status, reason and request');
is($daemon->stop, 0, 'the daemon stops');
done_testing;
