# Ranges of every answer that has a validator and a length (RFC 9110 14).
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

my $size = 1000;
my $whole = lines($size);
my $file = write_file('data/file', $whole);
write_file('www/f.bin', $whole);
my $daemon = start(act_config());
my $count;

# The same content, made in several ways; whether it is a stream, of which
# several ranges cannot be had.
my @sources = (
	['memory', steps("etag x|fill $size"), 0],
	['a promise', steps("etag x|length $size|fill $size"), 0],
	['a stream', steps("etag x|length $size|flush|fill $size"), 1],
	['pieces of memory', steps("modified 9|fill 500|print |file $file 500 500"),
	    0],
	['a file in two pieces',
	    steps("etag x|file $file 0 333|file $file 333 667"), 0],
	['a stream of files',
	    steps("etag x|length $size|flush|file $file 0 10|flush|"
	    . "file $file 10 990"), 1],
	['a static file', '/f.bin', 0],
);

# Range, and what is sent: [first, last] ..., 'whole' or 416.
my @cases = (
	['bytes=0-0', [0, 0]],
	['bytes=0-9', [0, 9]],
	['bytes=10-19', [10, 19]],
	['bytes=0-', [0, 999]],
	['bytes=999-', [999, 999]],
	['bytes=999-999', [999, 999]],
	['bytes=998-1000', [998, 999]],
	['bytes=5-99999999999999999999999', [5, 999]],
	['bytes=-1', [999, 999]],
	['bytes=-1000', [0, 999]],
	['bytes=-1001', [0, 999]],
	['bytes=-99999999999999999999999', [0, 999]],
	['bytes=332-334', [332, 334]],
	['bytes=499-500', [499, 500]],
	['BYTES=0-0', [0, 0]],
	['bytes=0-0,1-1', [0, 1]],
	['bytes=0-5,3-9', [0, 9]],
	['bytes=0-9,5000-', [0, 9]],
	['bytes=0-0,-1', [0, 0], [999, 999]],
	['bytes=-1,0-0', [999, 999], [0, 0]],
	["bytes=0-9, 20-29 ,\t40-49", [0, 9], [20, 29], [40, 49]],
	['bytes=990-,0-9,500-501', [990, 999], [0, 9], [500, 501]],
	['bytes=1000-', 416],
	['bytes=1000-1001', 416],
	['bytes=-0', 416],
	['bytes=5000-,6000-', 416],
	['bytes=', 'whole'], ['bytes=x', 'whole'], ['bytes=5', 'whole'],
	['bytes=5-4', 'whole'], ['bytes=-', 'whole'], ['bytes=--1', 'whole'],
	['bytes=+1-2', 'whole'], ['bytes=0x0-1', 'whole'],
	['bytes 0-1', 'whole'], ['octets=0-1', 'whole'], ['0-1', 'whole'],
	['bytes=0-1 2-3', 'whole'], ['', 'whole'],
	# of which no two have the same octets
	['bytes=' . join(',', map { 10 * $_ + 7 . '-' . (10 * $_ + 8) } 0 .. 63),
	    map { [10 * $_ + 7, 10 * $_ + 8] } 0 .. 63],
	['bytes=' . join(',', map { 10 * $_ + 7 . '-' . (10 * $_ + 8) } 0 .. 64),
	    'whole'],
	['bytes=' . join(',', ('0-') x 65), 'whole'],
	['bytes=' . join(',', ('0-') x 64), [0, 999]],
);

# The parts of multipart/byteranges: [range, octets, type].
sub parts {
	my ($answer) = @_;
	my ($boundary) = $answer->field('Content-Type')
	    =~ /\Amultipart\/byteranges; boundary=([0-9a-f]{32})\z/ or return;
	my $body = $answer->{body};
	$body =~ s/\r\n--$boundary--\r\n\z// or return;
	my @parts;
	for (split /\r\n--$boundary\r\n/, $body) {
		next unless length || @parts;
		my ($type, $first, $last, $octets) = /\AContent-Type:\ (.*)\r\n
		    Content-Range:\ bytes\ (\d+)-(\d+)\/1000\r\n\r\n(.*)\z/xs
		    or return;
		push @parts, [[$first, $last], $octets, $type];
	}
	return @parts;
}

sub octets {
	my ($range) = @_;
	return substr $whole, $range->[0], $range->[1] - $range->[0] + 1;
}

sub one_range_ok {
	my ($answer, $range, $title) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($answer->{status}, 206, "$title: 206");
	is($answer->field('Content-Range'),
	    "bytes $range->[0]-$range->[1]/1000", "$title: Content-Range");
	ok($answer->{body} eq octets($range), "$title: the octets");
}

sub several_ok {
	my ($answer, $ranges, $title) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($answer->{status}, 206, "$title: 206");
	is($answer->field('Content-Range'), undef, "$title: no range");
	my @parts = parts($answer);
	is(join(' ', map { join '-', @{$_->[0]} } @parts),
	    join(' ', map { join '-', @$_ } @$ranges), "$title: the parts");
	is(join('', map { $_->[1] } @parts),
	    join('', map { octets($_) } @$ranges), "$title: their octets");
}

my $client = $daemon->connect;
for my $source (@sources) {
	my ($name, $target, $is_stream) = @$source;
	for my $case (@cases) {
		my ($range, @wanted) = @$case;
		my $title = "$name, " . (length $range > 60
		    ? substr($range, 0, 60) . '...' : $range);
		$client = $daemon->connect unless $count++ % 50;
		my $answer = $client->request('GET', $target,
		    ["Range: $range"]);
		is($answer->field('Accept-Ranges'), 'bytes',
		    "$title: Accept-Ranges");
		if ($wanted[0] eq '416') {
			is($answer->{status}, 416, "$title: 416");
			is($answer->field('Content-Range'), 'bytes */1000',
			    "$title: the length is told");
		} elsif ($wanted[0] eq 'whole' || ($is_stream && @wanted > 1)) {
			is($answer->{status}, 200, "$title: 200");
			ok($answer->{body} eq $whole, "$title: the whole");
		} elsif (@wanted == 1) {
			one_range_ok($answer, $wanted[0], $title);
		} else {
			several_ok($answer, \@wanted, $title);
		}
	}
}

# Who has no ranges. Method, steps, fields, status.
my $etag = 'etag x|';
for my $case (
	['GET', 'fill 1000', [], 200, 'without a validator'],
	['GET', 'etag x|flush|fill 1000', [], 200, 'without a length'],
	['GET', 'etag x|fill 70000', [], 200, 'with more than fits'],
	['GET', 'etag x|status 201|fill 1000', [], 201, 'of another status'],
	['GET', 'etag x|status 404|fill 1000', [], 404, 'of an error'],
	['GET', 'etag x|field Accept-Ranges: none|fill 1000', [], 200,
	    'that wants none'],
	['HEAD', 'etag x|fill 1000', [], 200, 'to HEAD'],
	['POST', 'etag x|fill 1000', [], 200, 'to POST'],
	['GET', 'etag x|fill 1000', ['Range: bytes=1-1'], 200,
	    'to two Range fields'],
	['GET', 'etag x|fill 1000', ['If-Range: "y"'], 200,
	    'of another version'],
	['GET', 'weak x|fill 1000', ['If-Range: W/"x"'], 200,
	    'of a weak validator'],
	['GET', 'etag x|fill 1000', ['If-None-Match: "x"'], 304,
	    'of what the client has'],
	['GET', 'etag x|fill 1000', ['If-Match: "y"'], 412,
	    'on a false condition'],
) {
	my ($method, $steps, $fields, $status, $title) = @$case;
	my $answer = $daemon->request($method, steps($steps),
	    ['Range: bytes=0-0', @$fields]);
	is($answer->{status}, $status, "no range $title");
	is($answer->field('Content-Range'), undef, "no Content-Range $title");
}
wait_settled('www/f.bin');
one_range_ok($daemon->get('/f.bin', 'Range: bytes=5-6', 'If-Range: '
    . $daemon->get('/f.bin')->field('ETag')), [5, 6], 'If-Range by ETag');
utime 784111777, 784111777, $file, Prong::folder('www') . '/f.bin';
one_range_ok($daemon->get('/f.bin', 'Range: bytes=5-6',
    'If-Range: Sun, 06 Nov 1994 08:49:37 GMT'), [5, 6], 'If-Range by date');
is($daemon->get('/f.bin', 'Range: bytes=5-6',
    'If-Range: Sun, 06 Nov 1994 08:49:38 GMT')->{status}, 200,
    'If-Range by another date');

# Parts know the type; the boundary is another each time.
my @two = map { $daemon->get(steps('etag x|field Content-Type: a/b|fill 1000'),
    'Range: bytes=0-0,9-9') } 1, 2;
is((parts($two[0]))[1][2], 'a/b', 'a part has the type of the whole');
isnt($two[0]->field('Content-Type'), $two[1]->field('Content-Type'),
    'no boundary is used twice');
my $long = 'a/' . 'b' x 6000;
my $answer = $daemon->get(steps("etag x|field Content-Type: $long|fill 1000"),
    'Range: bytes=0-0,9-9');
ok((parts($answer))[1][2] eq $long, 'be it as long as it may');
# Nothing has no ranges, so Range is ignored (RFC 9110 14.2).
for my $range ('0-0', '0-', '-1', '5-') {
	my $nothing = $daemon->get(steps('etag x|file /dev/null 0 0'),
	    "Range: bytes=$range");
	is($nothing->{status}, 200, "the range $range of nothing is ignored");
	is($nothing->field('Content-Length'), 0, 'the whole has no octets');
}

# A large file, and ranges beyond 4 GiB of a sparse one.
my $large = write_file('www/sparse', '');
truncate $large, 5 << 30 or die "truncate: $!";
open my $handle, '+<', $large or die "$large: $!";
seek $handle, (4 << 30) + 5, 0;
print $handle 'here';
close $handle;
$answer = $daemon->get('/sparse', 'Range: bytes=4294967301-4294967304');
is($answer->{body}, 'here', 'a range beyond 4 GiB');
is($answer->field('Content-Range'),
    'bytes 4294967301-4294967304/5368709120', 'is named as such');
$answer = $daemon->get('/sparse', 'Range: bytes=-1,4294967300-4294967305');
like($answer->{body}, qr/\r\n\r\n\0here\0\r\n--/, 'also as a part');
is($daemon->request('HEAD', '/sparse')->field('Content-Length'), 5368709120,
    'HEAD tells more than 4 GiB');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
