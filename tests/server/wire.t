# Requests as octets on the wire, each followed by another one. What is right
# is answered, and the next request as well; what is wrong is refused, and the
# next one is never looked at. The clauses are those of RFC 9110 and 9112 where
# no other is named.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file('www/end', "the end\n");
write_file('www/ten', '0123456789');
write_file('www/dir/file', "in a folder\n");
write_file('secret', "secret\n");
my $daemon = start(act_config('head_timeout = "20 s"; body_timeout = "20 s";'));

my $end = "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

sub shown {
	my ($text) = @_;
	$text = substr($text, 0, 90) . '...' if length $text > 90;
	return $text =~ s/\r/\\r/gr =~ s/\n/\\n/gr
	    =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
}

# The statuses of all answers to the octets and the request behind them.
sub try_octets {
	my ($octets, $want, $title) = @_;
	my ($method) = $octets =~ /\A(?:\r\n)*(HEAD) /;
	my $client = $daemon->connect;
	$client->send($octets . $end);
	my (@got, $last);
	while (my $answer = eval { $client->answer(@got ? 'GET' : $method) }) {
		push @got, $answer->{status};
		$last = $answer;
		last if ($answer->field('Connection') // '') eq 'close';
	}
	$client->finish;
	my $rest = $client->rest;
	local $Test::Builder::Level = $Test::Builder::Level + 2;
	like(join(' ', @got), qr/\A(?:$want)\z/, $title);
	unlike($last ? $last->{body} . $rest : $rest, qr/secret|root:/,
	    'nothing leaks');
}

# Right: this status, then the end.
sub right {
	my ($octets, $status) = @_;
	$status ||= 200;
	try_octets($octets, "(?:$status) 200", shown($octets));
}

# Wrong: this status alone.
sub wrong {
	my ($octets, $status) = @_;
	$status ||= 400;
	try_octets($octets, $status, shown($octets));
}

# Either, but nothing in between.
sub clear {
	my ($octets, $status) = @_;
	$status ||= 200;
	try_octets($octets, "$status 200|400|417|501|505", shown($octets));
}

sub asked {
	my ($target, @fields) = @_;
	return join "\r\n", "GET $target HTTP/1.1", 'Host: a', @fields, '', '';
}

sub post {
	my ($body, @fields) = @_;
	return join("\r\n", 'POST /echo HTTP/1.1', 'Host: a', @fields, '', '')
	    . $body;
}

sub chunks {
	my ($body) = @_;
	return post($body, 'Transfer-Encoding: chunked');
}

# Content-Length, 9112 6.3, 9110 8.6: 1*DIGIT.
right(post('12345', "Content-Length: $_"))
    for '5', '05', '0000000000000000000000000005', "5 \t", "\t5";
right(post('12345', 'content-length:5'));
wrong(post('12345', "Content-Length: $_")) for '5,', ',5', '5;', '5 5',
    '5, 5, 6', '"5"', "'5'", '5e0', '0b101', '1_0', '5L', '%35', '(5)', '5.',
    '$5', "\xef\xbc\x95", "\xd9\xa5", '5\\', '-0', '+0', '-1', '0x0', 'NaN',
    'inf', '--5', '5-', '5/5', '5=5', '=5', "5\x0b", "5\x0c", "5\xa0", "\xa05";
wrong(post('12345', 'Content-Length: 5', "Content-Length: $_"))
    for '4', '6', '', '5x', '50', '0';
wrong(post('12345', "$_: 5")) for "Content-Length\t", "Content-Length ",
    " Content-Length", "Content-Length\x0b", "Content-Length\x00",
    "\xc2\xa0Content-Length", "Content\x08-Length", 'Content Length',
    'Content-Length,', 'Content-Length:"';
right(post('', 'Content_Length: 5', 'Content-Lengths: 7', 'XContent-Length: 9',
    'Content-Length-: 11', 'Content-Length: 0'));
wrong(post('12345', "Content-Length: $_"), '400|413')
    for '9223372036854775808', '18446744073709551615', '18446744073709551621',
    '4294967301' . '0' x 30, '9' x 500;
wrong(post('12345', "Content-Length: $_"), 413)
    for '1048577', '4294967301', '9223372036854775807';
right(post('x' x 1048576, 'Content-Length: 1048576'));
right(asked('/end', 'Content-Length: 5') . '12345');
right("HEAD /end HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345");
right("DELETE /end HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345", 405);
right("OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345", 204);
right(asked('/none', 'Content-Length: 46') . substr("$end$end", 0, 46), 404);

# Transfer-Encoding, 9112 6.1: chunked is the last, and once.
right(post("5\r\n12345\r\n0\r\n\r\n", "Transfer-Encoding:$_"))
    for 'chunked', ' Chunked', " CHUNKED\t", "\tchunked", '   chunked   ';
wrong(post("5\r\n12345\r\n0\r\n\r\n", "Transfer-Encoding: $_"), '400|501')
    for 'chunked chunked', 'chunked, gzip', 'chunked;', 'chunked;q=1',
    'chunked; a="b"', 'chunked/1', 'chunked=1', "chun\tked", 'chunke', 'hunked',
    'chunkedd', 'chunked-', "chunked\x00", "chunked\x0b", "\x0cchunked",
    "\x1fchunked", "chunked\xa0", "\xef\xbb\xbfchunked", "'chunked'", '[chunked]',
    'chunked, identity', 'identity, chunked', 'gzip, chunked', 'deflate',
    'compress, chunked', 'br', 'trailers', '*', 'chunked, *', '0', 'true',
    "ch\xc3\xbcnked", "c\xe2\x84\xaahunked", 'chun%6bed', 'x-chunked';
wrong(post("5\r\n12345\r\n0\r\n\r\n", "$_: chunked", 'Content-Length: 15'))
    for "Transfer-Encoding", "transfer-encoding", "Transfer-Encoding\t",
    "Transfer-Encoding ", "\x01Transfer-Encoding", "Transfer Encoding";
right(post('12345', "$_: chunked", 'Content-Length: 5'))
    for 'Transfer_Encoding', 'Transfer-Encodings', 'X-Transfer-Encoding',
    'TransferEncoding', 'TE';
wrong(post("0\r\n\r\n", "X: y\r\nTransfer-Encoding\r\n: chunked"));
wrong(post("0\r\n\r\n", "Transfer-Encoding:\r\n chunked"));
wrong(post("0\r\n\r\n", "Transfer-Encoding: chunked\r\n\t, gzip"));
wrong(post("0\r\n\r\n", 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'),
    '400|501');
clear(post("0\r\n\r\n", 'Transfer-Encoding: chunked', 'Transfer-Encoding: '));
clear(post("0\r\n\r\n", "Transfer-Encoding: $_")) for 'chunked,', ',chunked';
wrong("POST /echo HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
wrong("GET /end HTTP/1.0\r\nTransfer-Encoding: identity\r\n\r\n", '400|501');

# Chunks, 9112 7.1.
right(chunks($_)) for "0\r\n\r\n", "000\r\n\r\n", "5\r\n12345\r\n0\r\n\r\n",
    "005\r\n12345\r\n00\r\n\r\n", "A\r\n1234567890\r\n0\r\n\r\n",
    "a\r\n1234567890\r\n0\r\n\r\n", "1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n",
    "2\r\n\r\n\r\n0\r\n\r\n", "5;a\r\n12345\r\n0\r\n\r\n",
    "5;a=b\r\n12345\r\n0;c=d\r\n\r\n", "5;a=\"b c\"\r\n12345\r\n0\r\n\r\n",
    "5;a=\"\\\"\\\\\"\r\n12345\r\n0\r\n\r\n", "5;a=b;c;d=\"\"\r\n12345\r\n0\r\n\r\n",
    "0\r\nX: y\r\n\r\n", "0\r\nX: y\r\nZ:\r\n\r\n", "0\r\nContent-Length: 9\r\n\r\n",
    "0\r\nHost: b\r\n\r\n", "0\r\nX: \x80\xff\t\r\n\r\n";
wrong(chunks("$_\r\n12345\r\n0\r\n\r\n")) for '', ' 5', "\t5", '+5', '-5', '0x5',
    '5h', 'g', '5.0', '5,', '5 5', '5:', "5\x00", "\x005", "5\x0b", '#5', '$5',
    '%35', "\xb5", '5 a', '5;;', '5;=b', '5;a=b c', "5;a=\xff", "5;a\x00",
    "5;a\x7f", "5;a=\"b", "5;\"a\"", "5;a\r", "5;a=\"\x01\"", '"5"', '5_', '0_5';
wrong(chunks($_)) for "5\n12345\r\n0\r\n\r\n", "5\r\n12345\n0\r\n\r\n",
    "5\r\n12345\r0\r\n\r\n", "5\r\n12345\r\n0\n\n", "5\r\n12345\r\n0\r\n\n",
    "5\r\n123450\r\n\r\n", "5\r\n1234567\r\n0\r\n\r\n", "5\r\n1234\r\n0\r\n\r\n",
    "5\r12345\r\n0\r\n\r\n", "5\r\r\n12345\r\n0\r\n\r\n",
    "5\r\n12345\r\n\r\n0\r\n\r\n", "5\r\n12345 \r\n0\r\n\r\n",
    "5;a=b\n12345\r\n0\r\n\r\n", "5;a=\"\n\"\r\n12345\r\n0\r\n\r\n",
    "5;a=\"\r\n\"\r\n12345\r\n0\r\n\r\n", "0\r\n0\r\n\r\n", "0\r\n:\r\n\r\n",
    "0\r\nX\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\n X: y\r\n\r\n",
    "0\r\nX: y\r\n z\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\nX: \x00\r\n\r\n",
    "0\r\nX: a\rb\r\n\r\n", "0\r\nX\x80: y\r\n\r\n", "0\r\n\r \n", "0\r\n\rX: y\r\n\r\n";
wrong(chunks("$_\r\n12345"), '400|413') for 'FFFFFFFFFFFFFFFF',
    '10000000000000005', '8000000000000005', '7FFFFFFFFFFFFFFF', 'f' x 100,
    '100000005' . '0' x 20, 'FFFFFFFFFFFFFFFB';
wrong(chunks('0' x 20000 . "5\r\n12345\r\n0\r\n\r\n"), '400|413');
wrong(chunks('5;a=' . 'b' x 20000 . "\r\n12345\r\n0\r\n\r\n"), '400|413');
wrong(chunks("1;a=bcdefg\r\nx\r\n" x 2000 . "0\r\n\r\n"), '400|413');
wrong(chunks("0\r\n" . "X: y\r\n" x 5000 . "\r\n"), '400|431');
wrong(chunks("0\r\nX: " . 'y' x 50000 . "\r\n\r\n"), '400|431');
right(asked('/end', 'Transfer-Encoding: chunked') . "5\r\n12345\r\n0\r\n\r\n");
right(asked('/none', 'Transfer-Encoding: chunked') . "0\r\nX: y\r\n\r\n", 404);

# Host, 9112 3.2, 9110 7.2, 3986 3.2.2.
right("GET /end HTTP/1.1\r\nHost: $_\r\n\r\n") for 'a:80', 'a:', 'a.', 'A.B.:80',
    '[::1]', '[::1]:80', '[2001:DB8::1.2.3.4]', '127.0.0.1:65535', 'a_b', 'a-b',
    'xn--e1afmkfd.example', 'a%41', "a\t", 'a:00080', '[v1.x:y]', "a!\$&'()*+;=b";
clear("GET /end HTTP/1.1\r\nHost: a,b\r\n\r\n");
right("GET /end HTTP/1.1\r\nHOST:a\r\n\r\n");
wrong("GET /end HTTP/1.1\r\nHost: $_\r\n\r\n") for 'a:65536', 'a:-1', 'a: 80',
    'a:80:80', 'a:8o', 'a b', "a\tb", 'u@a', 'u:p@a', 'a/', '/a', 'a?b',
    'a#b', '[::1', '::1', '::1]', '[::1]x', '[::g]', '[::1]:x', '[]', '[1.2.3.4]',
    '[::1%25lo]', '"a"', '<a>', 'a%', 'a%4', 'a%zz', 'a\\b', '{a}', 'a^b', 'a`b',
    'a|b', "\x80", "a\xc3\xbc", 'http://a', 'http://a/', ':80', '@a', "a\x00",
    "a\x01b", "\x7f", 'x' x 300;
wrong("GET /end HTTP/1.1\r\n$_\r\n") for '', "Host: a\r\nHost: a\r\n",
    "Host: a\r\nhost: b\r\n", "Host: a\r\nHOST:\r\n", "Hosts: a\r\n", "X-Host: a\r\n",
    "Host : a\r\n", " Host: a\r\n", "Host\t: a\r\n", "Host a\r\n", "X: y\r\n Host: a\r\n",
    "Host: a\r\n b\r\n", "Host: a,\r\nHost: b\r\n";
wrong("GET /end HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\nHost: b\r\n\r\n");
right("GET /end HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
wrong("GET http://a/end HTTP/1.1\r\n\r\n");
wrong("GET http://a/end HTTP/1.1\r\nHost: b c\r\n\r\n");
wrong("GET http://a/end HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
right("GET http://a/end HTTP/1.1\r\nHost: b\r\n\r\n");

# Targets, 9112 3.2, 3986.
right(asked($_)) for 'http://a/end', 'HTTP://A:80/end', 'http://[::1]/end',
    '//end', '/./end', '/dir/../end', '/dir/%2e%2E/end', '/%65nd',
    '/end?', '/end?a=b&c', '/end?/../..//', '/end?a?b', '/end?[]', '/dir/.%2e/end',
    '/end?%00', '/end?%ff', "/end?a=|", 'http://a:/end', '/dir/./../end';
right(asked('https://a/end'), 421);
right(asked($_), 404) for '/END', '/end/', '/end/x', '/end%20', '/end;x', '/end%3f',
    '/end%23', '/%252e%252e/secret', '/...', '/..%3b/secret', '/dir;/../none',
    '/%2525', '//a/end', '/end,', '/~', '/secret', '/dir/file/', '/dir/%66ile/.',
    '/.../secret', '/.git/config', '/.htaccess', '/end~', '/end::$DATA', '/c:/',
    '/%7e', '/a:b', '/@', '/dir/..;/secret', "/\$(id)", '/CON', '/%e2%80%ae';
right(asked($_), 404) for '/..%5csecret', '/dir/%5c..', '/..%c0%af',
    '/%c0%ae%c0%ae/secret', '/%e0%80%ae', '/%f0%80%80%ae', '/%ed%a0%80',
    '/%f4%90%80%80', '/%ff', '/%c3', '/%c3%28', '/%80', '/%fe', '/end%5c';
right(asked($_), 404) for "/\x80", "/e\xcc\x81", '/<', '/>', '/"', '/{c}.txt', '/`';
right(asked($_)) for "/end?\x80", "/end?q=\xc3\xa9", '/end?q={"a":<1>}', '/end?`';
wrong(asked($_)) for '/..', '/../secret', '/%2e%2e/secret', '/dir/../../secret',
    '/dir/..%2f..%2fsecret', '/%2e%2e%2fsecret',
    '/%00', '/end%00', '/end%00.html', '/end%0d%0aX:', '/%01', '/%7f', '/%1f',
 '/%', '/%4', '/%zz', '/%u002e', '/%2', '/a%', '/%%65', '/end#x', '/end?a#b',
    '#', '*', 'end', './end', '../end', 'a:80', 'http:/end', 'http:end', 'http://',
    'http:///end', 'http://:80/end', 'http://a:b/end', 'http://u@a/end',
    'http://a b/end', 'ftp://a/end', 'file:///etc/passwd', 'javascript:x',
    '://a/end', 'http//a/end', '\\end', '/\\end', '/..\\secret', '\\..\\secret',
    "/\x7f", "/end\x01", "http://\xc3\xa4/end", '?a', '/dir/../..',
    'http://a/../secret', '//../secret', '/./../secret', 'http://[::1/end';
wrong("GET$_") for " /end\r\nHost: a\r\n\r\n", " HTTP/1.1\r\nHost: a\r\n\r\n",
    "  /end HTTP/1.1\r\nHost: a\r\n\r\n", " /end  HTTP/1.1\r\nHost: a\r\n\r\n",
    " /end\tHTTP/1.1\r\nHost: a\r\n\r\n", " /end HTTP/1.1\t\r\nHost: a\r\n\r\n",
    " /end HTTP/1.1 x\r\nHost: a\r\n\r\n", " /e nd HTTP/1.1\r\nHost: a\r\n\r\n",
    "\x0b/end\x0bHTTP/1.1\r\nHost: a\r\n\r\n", " /end HTTP/1.1\rHost: a\r\n\r\n",
    " /end HTTP/1.1\n\r\nHost: a\r\n\r\n", " /end HTTP/1.1\r\r\nHost: a\r\n\r\n",
    "/end HTTP/1.1\r\nHost: a\r\n\r\n", " \r\n\r\n", "\r\n\r\n";
right("$_" . asked('/end')) for "\r\n", "\r\n\r\n";
wrong($_ . asked('/end')) for "\n", "\r", " ", "\t", "\r\n ", "\r\nX:", "\0",
    "\xef\xbb\xbf", "\r\n" x 3, "\r\n\n", "\n\n";

# Methods, 9110 9.1, 9112 3.1, and versions, 2.3.
right("$_ /end HTTP/1.1\r\nHost: a\r\n\r\n", '405|501') for 'PUT', 'DELETE',
    'PATCH', 'POST', 'get', 'Get', 'GETT', 'GE', 'PROPFIND', 'MKCOL', 'PURGE',
    'BREW', 'X', "!#\$%&'*+-.^_`|~0", 'HEADER', 'head', 'M-SEARCH', 'TRACK',
    'CONNECTED';
wrong("$_ /end HTTP/1.1\r\nHost: a\r\n\r\n", '400|501') for 'G@T', 'G:T', 'G/T',
    'G"T', 'G(T', 'G,T', 'G;T', 'G=T', 'G{T', "G\x00T", "G\x80T", "G\x7fT", '[GET]',
    'x' x 100, 'x' x 9000, 'TRACE', 'CONNECT';
wrong("CONNECT $_ HTTP/1.1\r\nHost: a:80\r\n\r\n", '400|405|501')
    for 'a:80', 'a', '*', 'http://a:80', ':80', 'a:', 'a:0', '[::1]:443';
wrong("TRACE $_ HTTP/1.1\r\nHost: a\r\n\r\n", '400|405|501')
    for '*', '/end', 'http://a/end';
right("OPTIONS $_ HTTP/1.1\r\nHost: a\r\n\r\n", 204)
    for '*', '/end', 'http://a', '/act';
wrong("OPTIONS $_ HTTP/1.1\r\nHost: a\r\n\r\n") for 'a', '**', '*/', '/..', 'a:80';
wrong("$_ * HTTP/1.1\r\nHost: a\r\n\r\n", '400|501') for 'GET', 'HEAD', 'POST', 'X';
wrong("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", '400|505');
right("GET /end $_\r\nHost: a\r\n\r\n") for 'HTTP/1.2', 'HTTP/1.9';
wrong("GET /end $_\r\nHost: a\r\n\r\n", '400|505') for 'HTTP/2.0', 'HTTP/3.0',
    'HTTP/0.9', 'HTTP/0.0', 'HTTP/9.9', 'HTTP/2', 'HTTP/1', 'HTTP/1.', 'HTTP/.1',
    'HTTP/11', 'HTTP/1.10', 'HTTP/01.1', 'HTTP/1.01', 'HTTP/10.1', 'HTTP/1,1',
    'HTTP/1.1.1', 'HTTP/+1.1', 'HTTP/1.-1', 'HTTP/1.x', 'HTTP/ 1.1', 'HTTP /1.1',
    'HTTP1.1', 'HTTP/', 'HTTP', 'http/1.1', 'Http/1.1', 'HTTPS/1.1', 'SHTTP/1.1',
    'ICY/1.0', "HTTP/1.1\x00", "HTTP/1.1\x0b", "HTTP/\xb9.1", 'H', '1.1', 'HTTP/1.1;',
    'HTTP/1 .1', 'XHTTP/1.1', 'HTTP//1.1', 'HTTP\\1.1', 'HTTP/1.1HTTP/1.1';

# Fields, 9112 5, 9110 5.
wrong(asked('/end', "X${_}Y: z")) for ' ', "\t", '(', ')', ',', '/', ';', '<', '=',
    '>', '?', '@', '[', '\\', ']', '{', '}', '"', "\x7f", "\x80", "\xff", "\x00",
    "\x01", "\x0b", "\x1b", "\r", "\n";
wrong(asked('/end', 'X: a' . chr . 'b')) for 0 .. 8, 10 .. 31, 127;
right(asked('/end', 'X: a' . chr . 'b')) for 9, 32, 33, 34, 44, 58, 64, 92, 126, 128, 160, 255;
right(asked('/end', $_)) for 'X:', 'X: ', "X:\t \t", "!#\$%&'*+-.^_`|~0aZ: z",
    'X:::', 'X: ,,,', 'Connection:', 'Connection: ,', 'Connection: Host',
    'Connection: x, y', 'Connection: closed', 'Connection: keep-alive',
    'Upgrade: h2c', "Connection: Upgrade\r\nUpgrade: websocket",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    'Keep-Alive: timeout=99999999999', 'Max-Forwards: 0', 'TE: trailers',
    'Proxy-Connection: close', 'Accept: ;;;', 'Cookie: =;=;', 'Range: x',
    'Authorization: Basic %%%', 'X-Forwarded-For: 127.0.0.1', 'Proxy: http://b';
wrong(asked('/end', $_)) for ':', ': z', 'X', 'X z', ' X: z', "\tX: z",
    "X: y\r\n\tz", "X: y\r\n ", "X: y\nZ: a", "X: y\rZ: a", "X: y\n z",
    'GET / HTTP/1.1', "X: y\r\r", "\x00", "X: y\n";
for my $connection ('close', 'Close', 'CLOSE', 'keep-alive, close',
    'close, keep-alive', 'x,close', "x\t,\tclose", ',close,') {
	try_octets(asked('/end', "Connection: $connection"), 200,
	    "Connection: $connection ends it");
}
try_octets(asked('/end', 'Connection: x', 'Connection: close'), 200,
    'the option close in a second line ends it');
try_octets("GET /end HTTP/1.0\r\nHost: a\r\n\r\n", 200, 'HTTP/1.0 ends it');
try_octets("GET /end HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", 200,
    'close wins in HTTP/1.0');

# Expect, 9110 10.1.1.
right(post('12345', 'Content-Length: 5', "Expect: $_"))
    for '100-continue', '100-Continue', "100-CONTINUE\t";
right(asked('/end', 'Expect: 100-continue'));
right(post("5\r\n12345\r\n0\r\n\r\n", 'Transfer-Encoding: chunked',
    'Expect: 100-continue'));
right("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n"
    . "Content-Length: 5\r\n\r\n12345");
clear(post('12345', 'Content-Length: 5', "Expect: $_")) for '',
    '100-continue, 100-continue', '100-continue,';
wrong(post('12345', 'Content-Length: 5', "Expect: $_"), '400|417') for '100',
    '100-continu', '100-continued', '200-ok', '100-continue;x=y', '100-continue=1',
    'a, 100-continue', '100-continue, b', '100 continue', '"100-continue"';
wrong(post('12345', 'Content-Length: 5', 'Expect: 100-continue', 'Expect: x'),
    '400|417');
wrong(post('12345', 'Content-Length: 1048577', 'Expect: 100-continue'), 413);

# Ranges, 9110 14.
right(asked('/ten', "Range: $_"), 206) for 'bytes=0-0', 'bytes=-1', 'bytes=9-',
    'bytes=0-99999999999999999999', 'bytes=0-0,5-6', 'bytes=-3,-2', 'bytes=0-0,',
    'bytes=,0-0', 'bytes=0-0 , 2-2', "bytes=0-0\t,\t2-2", 'Bytes=0-1', 'bytes=00-01',
    'bytes=5-,-5', 'bytes=99-,0-0', 'bytes=-99999999999999999999', 'bytes=0-,0-,0-';
right(asked('/ten', "Range: $_"), 200) for 'bytes', 'bytes=', 'bytes=-', 'bytes=x',
    'bytes=1-0', 'bytes=0-1x', 'bytes=0x0-1', 'bytes=--1', 'bytes=0--1', 'bytes=+0-1',
    'bytes:0-1', 'bytes 0-1', 'lines=0-1', 'bytes=0-1;2-3', 'bytes=0 -1', 'bytes=0- 1',
    'bytes=a-b', 'bytes=,', 'none', '0-1', 'bytes = 0-1', 'bytes=0.5-1', "bytes=\xb1-2",
    'bytes=' . join(',', map { "$_-$_" } map { $_ % 10 } 0 .. 2000);
right(asked('/ten', "Range: $_"), 416) for 'bytes=10-', 'bytes=99-100', 'bytes=-0',
    'bytes=18446744073709551616-', 'bytes=10-,11-,-0';
right(asked('/ten', 'Range: bytes=0-1', 'Range: bytes=2-3'), '200|206');
right("HEAD /ten HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n", 200);
right(post('12345', 'Content-Length: 5', 'Range: bytes=0-0'));
right(asked('/none', 'Range: bytes=0-0'), 404);

# Conditions, 9110 13.
wait_settled('www/ten');
my $known = $daemon->get('/ten');
my ($tag, $time) = map { $known->field($_) } 'ETag', 'Last-Modified';
right(asked('/ten', $_), 304) for "If-None-Match: $tag", 'If-None-Match: *',
    "If-None-Match: W/$tag", "If-None-Match: \"x\", $tag", "If-None-Match:$tag,",
    "If-None-Match: \"x\"\r\nIf-None-Match: $tag", "If-None-Match: \",\",$tag",
    "If-None-Match: $tag\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    "If-Modified-Since: $time", "If-None-Match: $tag\r\nRange: bytes=0-1",
    "If-Modified-Since: $time\r\nIf-None-Match: $tag";
right(asked('/ten', $_), 200) for 'If-None-Match: "x"', 'If-None-Match: x',
    "If-None-Match: w/$tag", "If-None-Match: \"x\"\r\nIf-Modified-Since: $time",
    'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT', 'If-Modified-Since: x',
    'If-Modified-Since: 0', 'If-Modified-Since: Fri, 31 Feb 2023 00:00:00 GMT',
    'If-Modified-Since:', "If-Match: $tag", 'If-Match: *', "If-Match: \"x\", $tag",
    "If-Unmodified-Since: $time", 'If-Unmodified-Since: x', 'If-Range: "x"',
    "If-Match: $tag\r\nIf-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    'If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT',
    'If-Modified-Since: Sun Nov  6 08:49:37 1994', 'If-None-Match: **',
    "If-Range: \"x\"\r\nRange: bytes=0-1", "If-Range: W/$tag\r\nRange: bytes=0-1",
    "If-Range: Thu, 01 Jan 1970 00:00:00 GMT\r\nRange: bytes=0-1",
    "If-Range: \"x\"\r\nRange: bytes=99-";
right(asked('/ten', $_), 206) for "If-Range: $tag\r\nRange: bytes=0-1",
    "If-Match: $tag\r\nRange: bytes=0-1", "If-None-Match: \"x\"\r\nRange: bytes=0-1";
right(asked('/ten', $_), 412) for 'If-Match: "x"', "If-Match: W/$tag", 'If-Match: x',
    'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
    "If-Match: \"x\"\r\nIf-None-Match: $tag", "If-Match: \"x\"\r\nRange: bytes=0-1";
right(asked('/none', $_), 404) for 'If-None-Match: *', "If-Match: $tag";

# Many at once, and what is behind a refusal.
try_octets(asked('/end') . post('12345', 'Content-Length: 5') . chunks(
    "5\r\n12345\r\n0\r\n\r\n") . asked('/none'), '200 200 200 404 200',
    'requests one behind the other');
try_octets(asked('/end') . "GET /end HTTP/1.1\r\n\r\n" . asked('/end'), '200 400',
    'nothing is answered behind a refusal');
try_octets(post("0\r\n\r\n" . asked('/end'), 'Content-Length: 5',
    'Transfer-Encoding: chunked'), '400', 'two framings are refused at once');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
