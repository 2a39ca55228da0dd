# Conditional requests (RFC 9110 13) of every answer that has a validator.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

my $file = write_file('www/f.txt', "content\n");
utime 784111777, 784111777, $file or die "utime: $!";
my $daemon = start(act_config());

my $date = 'Sun, 06 Nov 1994 08:49:37 GMT';	# 784111777
my $earlier = 'Sun, 06 Nov 1994 08:49:36 GMT';
my $later = 'Sun, 06 Nov 1994 08:49:38 GMT';

# A handler's validators, the request's fields, the status of GET and HEAD.
my $both = 'etag x|modified 784111777';
for my $case (
	[$both, [], 200],
	# If-None-Match: weak comparison, any of the list
	[$both, ['If-None-Match: "x"'], 304],
	[$both, ['If-None-Match: W/"x"'], 304],
	[$both, ['If-None-Match: "y"'], 200],
	[$both, ['If-None-Match: "X"'], 200],
	[$both, ['If-None-Match: x'], 200],
	[$both, ['If-None-Match: "y", "x"'], 304],
	[$both, ['If-None-Match: "y"', 'If-None-Match: "x"'], 304],
	[$both, ['If-None-Match: *'], 304],
	['weak x', ['If-None-Match: "x"'], 304],
	['weak x', ['If-None-Match: W/"x"'], 304],
	['modified 784111777', ['If-None-Match: "x"'], 200],
	['modified 784111777', ['If-None-Match: *'], 304],
	# If-Modified-Since: not when If-None-Match is there
	[$both, ["If-Modified-Since: $date"], 304],
	[$both, ["If-Modified-Since: $later"], 304],
	[$both, ["If-Modified-Since: $earlier"], 200],
	[$both, ['If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT'], 304],
	[$both, ['If-Modified-Since: Sun Nov  6 08:49:37 1994'], 304],
	[$both, ['If-Modified-Since: yesterday'], 200],
	[$both, ["If-Modified-Since: $date", "If-Modified-Since: $date"],
	    200],
	[$both, ['If-None-Match: "y"', "If-Modified-Since: $later"], 200],
	[$both, ['If-None-Match: "x"', "If-Modified-Since: $earlier"], 304],
	['etag x', ["If-Modified-Since: $later"], 200],
	# If-Match: strong comparison
	[$both, ['If-Match: "x"'], 200],
	[$both, ['If-Match: "y", "x"'], 200],
	[$both, ['If-Match: "y"'], 412],
	[$both, ['If-Match: W/"x"'], 412],
	[$both, ['If-Match: *'], 200],
	['weak x', ['If-Match: W/"x"'], 412],
	['weak x', ['If-Match: "x"'], 412],
	['modified 9', ['If-Match: "x"'], 412],
	# If-Unmodified-Since: not when If-Match is there
	[$both, ["If-Unmodified-Since: $date"], 200],
	[$both, ["If-Unmodified-Since: $later"], 200],
	[$both, ["If-Unmodified-Since: $earlier"], 412],
	[$both, ['If-Unmodified-Since: tomorrow'], 200],
	[$both, ['If-Match: "x"', "If-Unmodified-Since: $earlier"], 200],
	[$both, ['If-Match: "y"', "If-Unmodified-Since: $later"], 412],
	# all together, in the order of 13.2.2
	[$both, ['If-Match: "x"', 'If-None-Match: "x"'], 304],
	[$both, ['If-Match: "y"', 'If-None-Match: "x"'], 412],
	[$both, ["If-Unmodified-Since: $earlier", 'If-None-Match: "x"'],
	    412],
	# what has no validator, or is no 200, knows no condition
	['status 200', ['If-None-Match: *'], 200],
	['status 200', ['If-Match: "x"'], 200],
	["status 201|$both", ['If-None-Match: "x"'], 201],
	["status 404|$both", ['If-None-Match: "x"'], 404],
	["$both|return 404", ['If-None-Match: *'], 404],
	["$both|return 302", ['If-Modified-Since: ' . $later], 302],
) {
	my ($steps, $fields, $status) = @$case;
	for my $method ('GET', 'HEAD') {
		for my $how ('print content', 'length 7|print content|flush',
		    'print content|flush') {
			my ($words, $end) = $steps =~ /\A(.*?)(\|return \d+)?\z/;
			next if $end && $how =~ /flush/;
			my $answer = $daemon->request($method,
			    steps("$words|$how" . ($end // '')), $fields);
			is($answer->{status}, $status, join ', ', $method,
			    $steps, $how, @$fields);
		}
	}
}

# Other methods have been done by then: their conditions are the handler's.
for my $case (['POST', 200], ['PUT', 200]) {
	my ($method, $status) = @$case;
	for my $field ('If-None-Match: *', 'If-Match: "y"',
	    "If-Unmodified-Since: $earlier", "If-Modified-Since: $later") {
		is($daemon->request($method, steps("$both|print done"),
		    [$field])->{body}, 'done', "$method with $field");
	}
}

# What a 304 and a 412 carry.
my $steps = steps("$both|field Cache-Control: no-cache|field Vary: Accept|"
    . "field Expires: 0|field Content-Location: /c|add Set-Cookie: a=b|"
    . "field Content-Type: a/b|field Content-Language: de|field X: y|"
    . 'print content');
my $answer = $daemon->get($steps, 'If-None-Match: "x"');
fields_ok($answer, { ETag => '"x"', 'Last-Modified' => $date,
    'Cache-Control' => 'no-cache', Vary => 'Accept', Expires => '0',
    'Content-Location' => '/c', Date => qr/GMT\z/, 'Set-Cookie' => undef,
    'Content-Type' => undef, 'Content-Language' => undef, X => undef,
    'Content-Length' => undef, 'Transfer-Encoding' => undef },
    '304 has what a cache needs, and nothing else');
$answer = $daemon->get($steps, 'If-Match: "y"');
fields_ok($answer, { ETag => undef, 'Last-Modified' => undef,
    'Cache-Control' => undef, Vary => 'Accept', 'Set-Cookie' => undef,
    'Content-Type' => 'text/html; charset=utf-8', X => undef },
    '412 has nothing of the content that was refused');
like($answer->{body}, qr/412 Precondition Failed/, 'and a page');

# A connection goes on after either.
my $client = $daemon->connect;
for my $field ('If-None-Match: "x"', 'If-Match: "y"') {
	for my $more ('print content', 'fill 100000', 'print a|flush|print b') {
		$client->request('GET', steps("$both|$more"), [$field]);
		is($client->request('GET', '/f.txt')->{body}, "content\n",
		    "the next request after $field, $more");
	}
}

# The clock: what claims to be from the future is from now.
my $future = $daemon->get(steps('modified 99999999999|print x'));
is($future->field('Last-Modified'), $future->field('Date'),
    'the last change is never later than the date');

# Static files.
wait_settled($file);
$answer = $daemon->get('/f.txt');
my $etag = $answer->field('ETag');
is($answer->field('Last-Modified'), $date, 'a file has its time');
is($daemon->get('/f.txt', "If-None-Match: $etag")->{status}, 304,
    'a file that the client has');
is($daemon->get('/f.txt', "If-Modified-Since: $date")->{status}, 304,
    'or has not changed');
is($daemon->get('/f.txt', "If-Match: $etag")->{status}, 200,
    'or is the one that is wanted');
is($daemon->get('/f.txt', 'If-Match: "other"')->{status}, 412, 'or is not');

is($daemon->stop, 0, 'the daemon stops');
done_testing;
