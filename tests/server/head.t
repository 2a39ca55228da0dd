# What stands in the head of an answer, and which answer a handler's words make.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "eleven octets\n");
my $daemon = start(act_config());

my $date = qr/\A(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\z/;
my $text = 'text/plain; charset=utf-8';
my $html = 'text/html; charset=utf-8';
my $long = 'x' x 5000;

# Title, steps, status, fields, body (undef: not looked at).
my @answers = (
	['an answer has date, server, type and length', 'print hello', 200,
	    { Date => $date, Server => 'prong', 'Content-Type' => $text,
	    'Content-Length' => 5, Connection => 'close',
	    'Transfer-Encoding' => undef }, 'hello'],
	['without a validator there are no ranges', 'print hello', 200,
	    { 'Accept-Ranges' => undef, ETag => undef,
	    'Last-Modified' => undef }],
	['a handler names the type', 'field Content-Type: text/css|print x',
	    200, { 'Content-Type' => 'text/css' }, 'x'],
	['a later value replaces', 'field X: 1|field x: 2|print x', 200,
	    { X => '2' }],
	['values can stand beside each other',
	    'add X: 1|add X: 2|print x', 200, { X => '1, 2' }],
	['a field replaces all of its name',
	    'add X: 1|add x: 2|field X: 3|print x', 200, { X => '3' }],
	['a field can be removed', 'field X: 1|field x|print x', 200,
	    { X => undef }],
	['an empty value is one', 'field X: |print x', 200, { X => '' }],
	['obs-text passes', "field X: \xe4|print x", 200, { X => "\xe4" }],
	['a long value passes', "field X: $long|print x", 200,
	    { X => $long }],
	['a handler may name the server', 'field Server: mine|print x', 200,
	    { Server => 'mine' }],
	['an etag is quoted', 'etag a1|print x', 200,
	    { ETag => '"a1"', 'Accept-Ranges' => 'bytes' }],
	['a weak etag is marked', 'weak a1|print x', 200,
	    { ETag => 'W/"a1"' }],
	['an etag may be empty', 'etag |print x', 200, { ETag => '""' }],
	['an etag with a quote is none', 'etag a"b|print x', 200,
	    { ETag => undef }],
	['an etag with a space is none', 'etag a b|print x', 200,
	    { ETag => undef }],
	['an etag set as a field is a validator',
	    'field ETag: "f"|print x', 200,
	    { ETag => '"f"', 'Accept-Ranges' => 'bytes' }],
	['an etag set as a field must be one',
	    'field ETag: f|results', 200, { ETag => undef },
	    '{field=-1 }'],
	['an etag set as a field can be removed',
	    'etag x|field ETag|print x', 200, { ETag => undef }],
	['the last change is a date', 'modified 784111777|print x', 200,
	    { 'Last-Modified' => 'Sun, 06 Nov 1994 08:49:37 GMT' }],
	['a change before 1970 is one', 'modified -1|print x', 200,
	    { 'Last-Modified' => 'Wed, 31 Dec 1969 23:59:59 GMT' }],
	['the last change set as a field is a validator',
	    'field Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT|print x', 200,
	    { 'Last-Modified' => 'Sun, 06 Nov 1994 08:49:37 GMT',
	    'Accept-Ranges' => 'bytes' }],
	['the last change must be a date',
	    'field Last-Modified: yesterday|results', 200,
	    { 'Last-Modified' => undef }, '{field=-1 }'],
	['a handler may refuse ranges',
	    'etag x|field Accept-Ranges: none|print x', 200,
	    { 'Accept-Ranges' => 'none' }],
	['an unset answer has status 200', 'print x', 200, {}],
	['a status is set', 'status 201|field Location: /x|print x', 201,
	    { Location => '/x' }, 'x'],
	['a status of no registered meaning passes', 'status 299|print x',
	    299, {}, 'x'],
	['an error with words of its own keeps them',
	    'status 404|print nothing here', 404,
	    { 'Content-Type' => $text }, 'nothing here'],
	['a status alone is an answer', 'status 202', 202,
	    { 'Content-Length' => 0 }, ''],
	['a field alone is an answer', 'field X: 1', 200,
	    { 'Content-Length' => 0, X => '1' }, ''],
	['a write of nothing is an answer', 'print ', 200,
	    { 'Content-Length' => 0 }, ''],
	['204 has neither content nor length', 'status 204|print x', 204,
	    { 'Content-Length' => undef, 'Content-Type' => undef,
	    'Transfer-Encoding' => undef }, ''],
	['205 has a length of 0', 'status 205|print x', 205,
	    { 'Content-Length' => 0 }, ''],
	['304 has no content', 'status 304|print x', 304,
	    { 'Content-Length' => undef }, ''],
	['a status out of range is the handler\'s bug', 'status 199|print x',
	    500, {}],
	['a returned error brings a page', 'return 404', 404,
	    { 'Content-Type' => $html }, qr/<title>404 Not Found<\/title>/],
	['a returned error drops what was written',
	    'print half an ans|return 500', 500,
	    { 'Content-Type' => $html }, qr/\A<!DOCTYPE/],
	['a returned error keeps the fields that go with it',
	    'field WWW-Authenticate: Basic realm="x"|return 401', 401,
	    { 'WWW-Authenticate' => 'Basic realm="x"' }],
	['a returned 503 keeps Retry-After',
	    'field Retry-After: 7|return 503', 503, { 'Retry-After' => '7' }],
	['a returned 405 keeps Allow', 'field Allow: GET|return 405', 405,
	    { Allow => 'GET' }],
	['a returned error drops what described the content',
	    'etag x|modified 9|field Content-Language: de|return 410', 410,
	    { ETag => undef, 'Last-Modified' => undef,
	    'Content-Language' => undef, 'Accept-Ranges' => undef }],
	['a returned error has one type', 'field Content-Type: a/b|return 400',
	    400, { 'Content-Type' => $html }],
	['a redirect has a page with a link',
	    'field Location: /to?a=1&b=2|return 301', 301,
	    { Location => '/to?a=1&b=2' },
	    qr/<a href="\/to\?a=1&amp;b=2">\/to\?a=1&amp;b=2<\/a>/],
	['a redirect links to no script',
	    'field Location: javascript:x|return 302', 302,
	    { Location => 'javascript:x' }, qr/\A(?!.*href)/s],
	['a relative Location is a link in the page',
	    'field Location: ./to/|return 301', 301, { Location => './to/' },
	    qr/href="\.\/to\/"/],
	['a redirect\'s page escapes',
	    'field Location: /"><script>|return 307', 307, {},
	    qr/\A(?!.*<script>)/s],
	['a very long Location is only a field',
	    "field Location: /$long|return 308", 308,
	    { Location => "/$long" }, qr/\A<!DOCTYPE(?!.*href)/s],
	['an unknown error has its class for a reason', 'return 499', 499, {},
	    qr/<title>499 Client Error</],
	['a returned 201 sends what was written', 'print made|return 201',
	    201, {}, 'made'],
	['a returned 204 is without content', 'print x|return 204', 204,
	    { 'Content-Length' => undef }, ''],
	['a returned 304 is without content', 'print x|return 304', 304,
	    { 'Content-Length' => undef }, ''],
	['a returned status beats the one set', 'status 201|return 404', 404,
	    {}],
	['returning 100 is the handler\'s bug', 'return 100', 500, {},
	    qr/500 Internal/],
	['returning 600 is the handler\'s bug', 'return 600', 500, {}],
	['returning -7 is the handler\'s bug', 'return -7', 500, {}],
	['returning without a word is the handler\'s bug', 'return 0', 500,
	    {}, qr/Internal Server Error/],
	['declining leads to 404', 'decline', 404, {}],
	['declining drops what was said',
	    'status 201|field X: 1|etag y|print x|decline', 404,
	    { X => undef, ETag => undef }, qr/404/],
);

for my $case (@answers) {
	my ($title, $steps, $status, $fields, $body) = @$case;
	my $answer = $daemon->get(steps($steps));
	is($answer->{status}, $status, $title);
	fields_ok($answer, $fields, "$title: fields");
	if (ref $body) {
		like($answer->{body}, $body, "$title: content");
	} elsif (defined $body) {
		is($answer->{body}, $body, "$title: content");
	}
}

# The server's own business, and what no field may be.
for my $field ('Connection: close', 'content-length: 5', 'Date: now',
    'Keep-Alive: x', 'Trailer: X', 'Transfer-Encoding: chunked',
    'Upgrade: h2c', "X: a\r\nY: b", "X: a\nb", "X: \x7f", "X: \0", ': x',
    'a b: x', "a\xe4: x", 'a(: x', 'X:  x', "X: x\t") {
	my $shown = $field =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
	my $answer = $daemon->get(steps("field $field|add $field|results"));
	next if $field =~ /\0/ && $answer->{status} == 404;
	is($answer->{body}, '{field=-1 add=-1 }',
	    "a handler may not set \"$shown\"");
}
is($daemon->get(steps('print x|flush|field X: 1|add X: 1|log_results'))
    ->field('X'), undef, 'fields come too late once the answer has begun');
$daemon->wait_log(qr/act of \/act: results: field=-1 add=-1 /);
pass('and that is told');

# HEAD: all fields of GET, and no content.
for my $case (
	['a short answer', 'print hello'],
	['a longer one', 'fill 60000'],
	['one that is sent in pieces', 'fill 200000'],
	['one with a promise', 'length 200000|fill 200000'],
	['one that is flushed', 'print a|flush|print b'],
	['one with validators', 'etag x|modified 9|print x'],
	['an error page', 'return 404'],
	['204', 'return 204'],
	['a redirect', 'field Location: /|return 301'],
	['an empty one', 'status 200'],
	['the answer of a handler that says nothing', 'return 0'],
) {
	my ($title, $steps) = @$case;
	my $client = $daemon->connect;
	my $get = $daemon->connect->request('GET', steps($steps));
	my $head = $client->request('HEAD', steps($steps));
	delete $_->{fields}[0] for $get, $head;
	s/^Date: .*\r\n//m for $get->{head}, $head->{head};
	is($head->{head}, $get->{head}, "HEAD has the fields of GET: $title");
	is($client->request('GET', '/a.txt')->{body}, "eleven octets\n",
	    "and no content follows: $title");
}
my $client = $daemon->connect;
is($client->request('HEAD', '/a.txt')->field('Content-Length'), 14,
    'HEAD of a file tells its length');
is($client->request('GET', '/a.txt')->{body}, "eleven octets\n",
    'and nothing of the file follows');

# What the log says of handlers that are wrong.
for my $case (
	['return 0', qr/handler act of route \/act returned without having/],
	['return 600', qr/handler act of route \/act returned 600, a status that is none/],
	['status 42', qr/handler act of route \/act set a status that is/],
	['etag "', qr/handler act of route \/act set an entity tag that is/],
) {
	my ($steps, $pattern) = @$case;
	$daemon->get(steps($steps));
	ok($daemon->wait_log($pattern), "\"$steps\" is told as a bug");
}
$daemon->get(steps("log a\nb\x1b[31m"));
ok($daemon->wait_log(qr/act of \/act: a\\x0ab\\x1b\[31m, id \w+ \(127\.0\.0\.1:\d+ "GET \/act\?do=/),
    'a handler\'s log line names client and request, and is one line');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
