# static keeps files in a process: the content of small ones, descriptors of
# others. Whatever becomes of them between two requests on one connection, the
# answer is what opening the file anew would give.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;

my $root = folder('www');
my $outside = folder('outside');
my $letters = 'a';
my $times = 1;		# how often a text stands in its file

sub put {
	my ($path, $text) = @_;
	return write_file($path, $text x $times);
}

# What is done to a file or its folder, whose paths below the root are given;
# then the status, and what the content is.
my @changes = (
	[ 'stays', sub { }, 200, 'old' ],
	[ 'is changed in place, with the same size', sub {
		overwrite("$root/$_[0]", 'new');
	}, 200, 'new' ],
	[ 'is changed in place, and its old time is set again', sub {
		my @times = (stat "$root/$_[0]")[8, 9];
		overwrite("$root/$_[0]", 'new');
		utime @times, "$root/$_[0]";
	}, 200, 'new' ],
	[ 'is truncated', sub { truncate "$root/$_[0]", $times or die },
	    200, sub { substr 'old' x $times, 0, $times } ],
	[ 'grows', sub { overwrite("$root/$_[0]", 'more') }, 200, 'more' ],
	[ 'becomes empty', sub { overwrite("$root/$_[0]", '') }, 200, '' ],
	[ 'is replaced by another one of the same size and time', sub {
		my @times = (stat "$root/$_[0]")[8, 9];
		put("$root/$_[0].next", 'new');
		utime @times, "$root/$_[0].next";
		rename "$root/$_[0].next", "$root/$_[0]" or die;
	}, 200, 'new' ],
	[ 'is removed', sub { unlink "$root/$_[0]" or die }, 404 ],
	[ 'is made unreadable', sub { chmod 0, "$root/$_[0]" }, 403 ],
	[ 'becomes a folder', sub {
		unlink "$root/$_[0]" or die;
		mkdir "$root/$_[0]" or die;
	}, 301 ],
	[ 'becomes a link that leads out', sub {
		my $target = put("$outside/" . $letters++, 'out');
		unlink "$root/$_[0]" or die;
		symlink $target, "$root/$_[0]" or die;
	}, 404 ],
	[ 'is moved out, and a link to it left', sub {
		my $target = "$outside/" . $letters++;
		rename "$root/$_[0]", $target or die;
		symlink $target, "$root/$_[0]" or die;
	}, 404 ],
	[ 'is moved, and a link to it left', sub {
		rename "$root/$_[0]", "$root/$_[0].moved" or die;
		symlink "$root/$_[0].moved", "$root/$_[0]" or die;
	}, 200, 'old' ],
	[ 'becomes a link to another file', sub {
		put("$root/$_[0].other", 'new');
		unlink "$root/$_[0]" or die;
		symlink "$root/$_[0].other", "$root/$_[0]" or die;
	}, 200, 'new' ],
);
my @folder_changes = (
	[ 'is removed', sub {
		rename "$root/$_[0]", "$outside/" . $letters++ or die;
	}, 404 ],
	[ 'is moved out, and a link to it left', sub {
		my $target = "$outside/" . $letters++;
		rename "$root/$_[0]", $target or die;
		symlink $target, "$root/$_[0]" or die;
	}, 404 ],
	[ 'is made unreadable', sub { chmod 0, "$root/$_[0]" }, 403 ],
	[ 'becomes a link to another one', sub {
		put("$root/$_[0].other/file.txt", 'new');
		rename "$root/$_[0]", "$root/$_[0].before" or die;
		symlink "$_[0].other", "$root/$_[0]" or die;
	}, 200, 'new' ],
);

sub overwrite {
	my ($path, $text) = @_;
	my $content = $text x $times;
	open my $file, '+<:raw', $path or die "$path: $!";
	truncate $file, length $content or die;
	print $file $content;
	close $file or die;
}

# Of a large file the descriptor is kept.
my $large = 12000;

my @cases;
for my $i (0 .. $#changes) {
	my ($what, @rest) = @{$changes[$i]};
	push @cases, [ "a file $what", 1, "$i.txt", "$i.txt", @rest ],
	    [ "a file in a folder $what", 1, "in$i/file.txt", "in$i/file.txt",
	    @rest ],
	    [ "a large file $what", $large, "large$i.txt", "large$i.txt",
	    @rest ];
}
for my $i (0 .. $#folder_changes) {
	my ($what, @rest) = @{$folder_changes[$i]};
	push @cases, [ "the folder of a file $what", 1, "folder$i/file.txt",
	    "folder$i", @rest ], [ "the folder of a large file $what", $large,
	    "far$i/file.txt", "far$i", @rest ];
}
for (@cases) {
	$times = $_->[1];
	my $path = put("$root/$_->[2]", 'old');
	utime 1_700_000_000, 1_700_000_000, $path;
}
$times = 1;
write_file("$root/index.html", 'index');
write_file("$root/big.txt", 'x' x 32769);
write_file("$root/limit.txt", 'x' x 32768);
write_file("$root/many1.txt", 'many 1');
symlink 'many1.txt', "$root/link.txt" or die;

# What was changed a moment ago may change again unseen, and is not kept.
my $written = time;
wait_until { time > $written + 3 } 'the files are no longer new';

my $daemon = start(config('{ path = "/"; static = { root = "' . $root . '"; };'
    . ' max_requests = 0; }'), '-v');
my $client = $daemon->connect;

# Lines of the log come late; the last one that counts is that of the mark.
my $mark = 0;
sub hits {
	$client->request('GET', '/mark' . ++$mark);
	$daemon->wait_log(qr/openat2\("\/mark$mark"\)/);
	my @hits = $daemon->log =~ /statx\([^)]*\): unchanged/g;
	return scalar @hits;
}

# Asks until the answer comes from memory; that answer.
sub warm {
	my ($target, @request) = @_;
	my $before = hits();
	my $answer;
	wait_until {
		$answer = $client->request('GET', $target, @request);
		hits() > $before;
	} "$target is kept";
	return $answer;
}

for (@cases) {
	my ($title, $many, $file, $changed, $change, $status, $content) = @$_;
	$times = $many;
	ok(warm("/$file")->{body} eq 'old' x $times,
	    "$title: it was kept before");
	$change->($changed);
	my $answer = $client->request('GET', "/$file");
	is($answer->{status}, $status, "$title: $status");
	chmod 0755, "$root/$changed" if -d "$root/$changed";
	next unless defined $content;
	$content = ref $content ? $content->() : $content x $times;
	ok($answer->{body} eq $content, "$title: its content");
}

$times = 1;

# An answer from memory is like any other.
my $fresh = $daemon->get('/many1.txt');
my $kept = warm('/many1.txt');
is($kept->{body}, $fresh->{body}, 'kept content is the same');
is($kept->field($_), $fresh->field($_), "and so is its $_")
    for qw(ETag Last-Modified Content-Type Content-Length);
warm('/many1.txt');
my $head = $client->request('HEAD', '/many1.txt');
is($head->field('Content-Length'), 6, 'HEAD has its length');
is($client->request('GET', '/many1.txt', [ 'If-None-Match: '
    . $fresh->field('ETag') ])->{status}, 304, 'who has that tag is told so');
my $range = $client->request('GET', '/many1.txt', [ 'Range: bytes=1-2' ]);
is("$range->{status} $range->{body}", '206 an', 'a range is part of it');

is(warm('/')->{body}, 'index', 'an index file is kept');
is(length warm('/limit.txt')->{body}, 32768, 'as is one of 32 KiB');
is(length warm('/big.txt')->{body}, 32769, 'of a larger one the descriptor');
is($client->request('GET', '/big.txt', [ 'Range: bytes=32768-' ])->{body}, 'x',
    'and a range is part of it');

# What is not kept.
sub is_not_kept {
	my ($target, $title) = @_;
	my $before = hits();
	$client->request('GET', $target) for 1 .. 3;
	is(hits(), $before, $title);
}
is_not_kept('/link.txt', 'what a link leads to is not kept');
write_file("$root/new.txt", 'new');
is_not_kept('/new.txt', 'nor what was changed a moment ago');

# Changes within one tick of the clock by which the kernel dates files.
my $stale = 0;
for my $i (10 .. 99) {
	overwrite("$root/new.txt", "n$i");
	my $answer = $client->request('GET', '/new.txt');
	$stale++ if $answer->{body} ne "n$i";
}
is($stale, 0, 'of 90 changes in quick succession none is missed');

done_testing();
