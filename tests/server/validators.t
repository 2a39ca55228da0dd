# static: validators. A tag is the same for as long as the content, and no
# longer, by what the option etag says.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes ();

use Prong;

my $root = folder('www');

sub route {
	my ($more) = @_;
	return config("{ path = \"/\"; static = { root = \"$root\"; $more }; }");
}

my $daemon = start(route(''));
my $by_time = start(route('etag = "mtime";'));
my $by_content = start(route('etag = "content";'));

sub tag {
	my ($from, $path) = @_;
	return $from->get($path)->field('ETag');
}

# The same time, as builds have it that can be repeated.
sub deploy {
	my ($name, $content) = @_;
	my $path = "$root/$name";
	unlink $path;
	write_file($path, $content);
	utime 1000, 1000, $path;
	return $path;
}

sub overwrite {
	my ($name, $content) = @_;
	write_file("www/$name", $content);
	utime 1000, 1000, "$root/$name";
	return;
}

# Other content with the same size and time: as it comes, made anew, and once
# more over the file itself.
for my $i (1 .. 10) {
	deploy('app.js', sprintf 'v = "1.2.%02d"', 2 * $i);
	my $tag = tag($daemon, '/app.js');
	my $content = sprintf 'v = "1.2.%02d"', 2 * $i + 1;
	my $changed = (Time::HiRes::stat("$root/app.js"))[10];
	# Not within one tick of the kernel.
	wait_until {
		$i % 2 ? deploy('app.js', $content)
		    : overwrite('app.js', $content);
		(Time::HiRes::stat("$root/app.js"))[10] != $changed;
	} 'the next tick';
	my $answer = $daemon->get('/app.js', "If-None-Match: $tag");
	is($answer->{status}, 200, "deployment $i has another tag");
	is($answer->{body}, $content, "deployment $i: its content");
}

# While a file may change once more in the same moment, its tag is weak.
{
	my $path = deploy('young.txt', "abcdef\n");
	my $young = tag($daemon, '/young.txt');
	my $timed = tag($by_time, '/young.txt');
	my $same = time - (stat $path)[10] <= 2;
	SKIP: {
		skip 'the machine is too slow', 2 unless $same;
		like($young, qr{\AW/"[0-9a-f]{16}"\z},
		    'a file that has just changed has a weak tag');
		is($daemon->get('/young.txt', 'Range: bytes=0-1',
		    "If-Range: $young")->{status}, 200,
		    'for which there is no range');
	}
	wait_settled($path);
	my $tag = tag($daemon, '/young.txt');
	like($tag, qr{\A"[0-9a-f]{16}"\z}, 'a moment later it is strong');
	is($daemon->get('/young.txt', "If-None-Match: $young")->{status}, 200,
	    'and another one');
	is($daemon->get('/young.txt', "If-None-Match: $tag")->{status}, 304,
	    'which is what the client has');
	is($daemon->get('/young.txt', 'Range: bytes=0-1', "If-Range: $tag")
	    ->{body}, 'ab', 'and gives ranges');
	is(tag($by_time, '/young.txt'), $timed, 'the tag of the time stays');
	chmod 0640, $path;
	chmod 0644, $path;
	# A weak tag would be another one anyway.
	wait_settled($path);
	isnt(tag($daemon, '/young.txt'), $tag,
	    'a change of the permissions is another tag');
	is(tag($by_time, '/young.txt'), $timed, 'but not for the time');
}

# Copies, as machines of a cluster have them.
{
	deploy('one/a.txt', "content\n");
	deploy('two/a.txt', "content\n");
	deploy('one/other.txt', "CONTENT\n");
	my ($one, $two, $other) = ('/one/a.txt', '/two/a.txt',
	    '/one/other.txt');
	isnt(tag($daemon, $one), tag($daemon, $two), 'two copies, two tags');
	is(tag($by_time, $one), tag($by_time, $two), 'one time, one tag');
	like(tag($by_time, $one), qr{\A"[0-9a-f]{16}"\z},
	    'which is strong at once');
	wait_settled("$root$_") for $one, $two, $other;
	is(tag($by_content, $one), tag($by_content, $two),
	    'one content, one tag');
	like(tag($by_content, $one), qr{\A"[0-9a-f]{32}"\z},
	    'a strong one of 128 bits');
	isnt(tag($by_content, $one), tag($by_content, $other),
	    'other content, another tag');
	utime 2000, 2000, "$root$one";
	is(tag($by_content, $one) =~ s{\AW/}{}r, tag($by_content, $two),
	    'the time does not matter for it');
	isnt(tag($by_time, $one), tag($by_time, $two), 'but for the other');
	is($by_content->get($two, 'Range: bytes=2-3', 'If-Range: '
	    . tag($by_content, $two))->{body}, 'nt',
	    'a tag of the content gives ranges');
}

# On one connection: the digest is kept, and not for longer than the content.
{
	my $path = deploy('kept.bin', 'a' x 40000);
	wait_settled($path);
	my $client = $by_content->connect;
	my ($first, $second) = map {
		$client->request('GET', '/kept.bin')->field('ETag') } 1, 2;
	is($second, $first, 'the same file twice, the same tag');
	deploy('kept.bin', 'b' x 40000);
	my $answer = $client->request('GET', '/kept.bin',
	    [ "If-None-Match: $first" ]);
	is($answer->{status}, 200, 'other content of the same size and time');
	is($answer->field('ETag'), tag($by_content, '/kept.bin'),
	    'has the tag of the content');
	is($client->request('GET', '/kept.bin')->{body}, 'b' x 40000,
	    'the content is whole');
}

# The limit of the content that is read.
{
	my $limit = 16 * 1024 * 1024;
	for ([ $limit, 32, 'as large as can be' ], [ $limit + 1, 16, 'larger' ],
	    [ 0, 32, 'empty' ]) {
		my ($size, $digits, $title) = @$_;
		my $path = write_file('www/large.bin', '');
		truncate $path, $size or die;
		like($by_content->request('HEAD', '/large.bin')->field('ETag'),
		    qr{\A(?:W/)?"[0-9a-f]{$digits}"\z},
		    "a file that is $title: $digits digits");
	}
}

# Precompressed files have tags of their own.
{
	my $config = route('etag = "content"; precompressed = true;');
	deploy('z.css', "plain\n");
	deploy('z.css.gz', "coded\n");
	wait_settled("$root/z.css", "$root/z.css.gz");
	my $plain = get($config, '/z.css')->field('ETag');
	my $coded = get($config, '/z.css', 'Accept-Encoding: gzip')
	    ->field('ETag');
	isnt($coded, $plain, 'coded content, another tag');
	is($coded, tag($by_content, '/z.css.gz'), 'that of its octets');
}

# The time of the last change, if there is one.
for ([ 0, undef ], [ 1, undef ], [ 2, 'Thu, 01 Jan 1970 00:00:02 GMT' ],
    [ 784111777, 'Sun, 06 Nov 1994 08:49:37 GMT' ],
    [ -86400, 'Wed, 31 Dec 1969 00:00:00 GMT' ]) {
	my ($time, $field) = @$_;
	utime $time, $time, write_file('www/time.txt', 'x');
	my $answer = $daemon->get('/time.txt');
	is($answer->field('Last-Modified'), $field, "changed at $time");
	is($daemon->get('/time.txt',
	    'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT')->{status},
	    defined $field ? 304 : 200, "changed at $time: since 1994");
}

is($_->stop, 0, 'the daemon stops') for $daemon, $by_time, $by_content;
done_testing;
