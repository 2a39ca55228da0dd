# Files that are not in memory, and workers: a request that would wait for a disk goes
# to a process of its own, and nobody else waits.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Config;
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Fuse;
use Prong::Workers;

plan skip_all => 'the test knows the calls of x86_64 alone'
    unless $Config{archname} =~ /x86_64/;

my $www = folder('www');

# Whether the page in the midst of a range is in memory, as mmap(2) and mincore(2)
# tell without reading it.
sub is_there {
	my ($file, $offset, $length) = @_;
	my $page = int(($offset + $length / 2) / 4096) * 4096;
	my $address = syscall 9, 0, 4096, 1, 1, fileno $file, $page;
	die "mmap: $!" if $address == -1;
	my $there = "\0";
	syscall(27, $address, 4096, $there) == 0 or die "mincore: $!";
	syscall 11, $address, 4096;
	return ord($there) & 1;
}

# Takes a range of a file out of the page cache: fsync(2), and fadvise64(2) with
# POSIX_FADV_DONTNEED. What a socket still has stays there for a moment.
sub cool {
	my ($name, $offset, $length) = @_;
	open my $file, '+<:raw', "$www/$name" or die "$name: $!";
	$file->sync or die "fsync: $!";
	my @range = ($offset || 0, $length || -s $file);
	my $tries = 0;
	wait_until {
		syscall 221, fileno $file, @range, 4;
		!is_there($file, @range) || ++$tries > 200
	} "$name out of memory";
	return;
}

# Whether an octet of a file is in memory: preadv2(2) with RWF_NOWAIT, which may have
# it read. undef: the file system cannot tell.
sub is_hot {
	my ($name, $offset) = @_;
	open my $file, '<:raw', "$www/$name" or die "$name: $!";
	my $octet = "\0";
	my $iov = pack 'PQ', $octet, 1;
	return 1 if syscall(327, fileno $file, $iov, 1, $offset || 0, 0, 8) >= 0;
	return $!{EAGAIN} ? 0 : undef;
}

# So that no digest of it is kept.
sub overwrite_time {
	my ($name) = @_;
	utime 1_700_000_000, 1_700_000_000, "$www/$name" or die "utime: $!";
	return;
}

my $mib = 1024 * 1024;
my %text = (small => 's' x 9000, page => 'p' x 100, kept => 'k' x 60_000,
    large => join('', map { sprintf "%07d\n", $_ } 1 .. $mib));
write_file("www/$_", $text{$_}) for keys %text;
write_file('www/hot', 'hot');
write_file("www/long/f$_", '') for 1 .. 1001;
write_file("www/short/f$_", '') for 1 .. 1000;
my $written = time;
cool('large');
my $is_hot = is_hot('large', 4 * $mib);
plan skip_all => "the file system of $www cannot tell what is in memory"
    unless defined $is_hot;
plan skip_all => "the file system of $www keeps all in memory" if $is_hot;

# Who has a process keeps it, so that it is seen.
my $daemon = start(config("workers = 2; park_after = \"0 s\"; sites = ( { routes = ( { path = \"/\";"
    . " static = { root = \"$www\"; listing = true; }; }, { path = \"/tag\";"
    . " static = { root = \"$www\"; etag = \"content\"; }; } ); } );"), '-v');

# Whether the last request was served by a process of its own. Its end is waited
# for.
sub is_own {
	my ($client) = @_;
	my @own = own_processes($daemon);
	$client->close;
	wait_until { !own_processes($daemon) } 'workers alone';
	return scalar @own;
}

wait_until { workers_of($daemon) == 2 } 'the workers';

sub fetch {
	my ($title, $target, $own, @more) = @_;
	my $client = $daemon->connect;
	my $answer = $client->request('GET', $target, @more);
	is(is_own($client), $own, $title . ($own ? ': a process of its own' :
	    ': a worker'));
	return $answer;
}

is(fetch('a file in memory', '/hot', 0)->{body}, 'hot', 'with its content');
for my $name (qw(page small kept large)) {
	cool($name);
	is(fetch("$name, which is not in memory", "/$name", 1)->{body},
	    $text{$name}, 'with its content');
	read_file("$www/$name");
	is(fetch("$name, which is in memory again", "/$name", 0)->{body},
	    $text{$name}, 'with its content') for 1 .. 3;
}

# What is kept in the worker of a connection, unless it was changed a moment ago.
wait_until { time > $written + 3 } 'the files are no longer new';
for ([ 'small', 0 ], [ 'kept', 1 ]) {
	my ($name, $own) = @$_;
	my $client = $daemon->connect;
	$client->request('GET', "/$name") for 1 .. 3;
	cool($name);
	is($client->request('GET', "/$name")->{body}, $text{$name},
	    "$name, which is kept");
	is(is_own($client), $own, $own ? 'as a descriptor: a process' :
	    'as content: a worker');
}

# What is not needed is not looked for.
{
	cool('large');
	my $client = $daemon->connect;
	my $answer = $client->request('HEAD', '/large');
	is($answer->field('Content-Length'), 8 * $mib, 'HEAD');
	my $tag = $answer->field('ETag');
	is(is_own($client), 0, 'needs no content: a worker');
	is(fetch('nor does a 304', '/large', 0, [ "If-None-Match: $tag" ])
	    ->{status}, 304, 'with its status');
	is_hot('large', 0);
	wait_until { is_hot('large', 4095) } 'the first octets';
	is(fetch('a range in memory', '/large', 0, [ 'Range: bytes=0-99' ])
	    ->{body}, substr($text{large}, 0, 100), 'with its content');
	is(fetch('a range that is not', '/large', 1,
	    [ 'Range: bytes=8000000-8000099' ])->{body},
	    substr($text{large}, 8_000_000, 100), 'with its content');
	cool('large');
	my $parts = fetch('two ranges that are not', '/large', 1,
	    [ 'Range: bytes=0-99,8000000-8000099' ])->{body};
	like($parts, qr/\Q${\substr $text{large}, 8_000_000, 100}\E/,
	    'with their content');
}

# What follows on that connection, and what was sent behind it.
{
	cool('large');
	my $client = $daemon->connect;
	$client->send(request('GET', '/hot') . request('GET', '/large')
	    . request('GET', '/hot'));
	my @answers = map { $client->answer } 1 .. 3;
	is_deeply([ map { $_->{body} } @answers ],
	    [ 'hot', $text{large}, 'hot' ], 'pipelined requests keep their order');
	is(is_own($client), 1, 'in the process of the second');
}

# A part in the midst that is not in memory: the response has begun.
{
	read_file("$www/large");
	cool('large', $mib, 6 * $mib);
	is(fetch('a file whose middle is not in memory', '/large', 0)->{body},
	    $text{large}, 'with its content');
	$daemon->log_like(qr/preadv2\(\d+, at [1-6]\d{6}, RWF_NOWAIT\): not in/,
	    'the worker has looked before it sent that');
}

# Tags of the content.
{
	read_file("$www/large");
	my $tag = fetch('a digest of what is in memory', '/tag/large', 0)
	    ->field('ETag');
	overwrite_time('large');
	cool('large');
	is(fetch('a digest of what is not', '/tag/large', 1)->field('ETag')
	    =~ s{\AW/}{}r, $tag =~ s{\AW/}{}r, 'has the same tag');
	overwrite_time('large');
	read_file("$www/large");
	cool('large', 4 * $mib);
	is(fetch('nor has its end', '/tag/large', 1)->{status}, 200,
	    'with its status');
}

# Listings.
{
	# The kernel has to look for names that nobody has asked for.
	$daemon->get('/short/'), $daemon->get('/long/');
	my $listing = fetch('a folder of 1,000 files', '/short/', 0)->{body};
	is(scalar(() = $listing =~ /<a href="\.\/f\d+"/g), 1000, 'all listed');
	$listing = fetch('one of 1,001', '/long/', 1)->{body};
	is(scalar(() = $listing =~ /<a href="\.\/f\d+"/g), 1001, 'all listed');
}
is($daemon->stop, 0, 'the server stops');
unlike($daemon->log, qr/error:/, 'without an error in the log');

# A file system that takes its time to find a name.
SKIP: {
	my $missing = Prong::Fuse::missing();
	skip $missing, 4 if $missing;
	my $fuse = Prong::Fuse->mount(folder('www/slow'))
	    or skip "mount: $!", 4;
	$daemon = start(config("workers = 2; park_after = \"0 s\"; sites = ( { routes = ( "
	    . "{ path = \"/\"; static = { root = \"$www\"; }; } ); } );"));
	wait_until { workers_of($daemon) == 2 } 'the workers';
	my @waiting = map { $daemon->connect } 1 .. 4;
	$_->send(request('GET', '/slow/late')) for @waiting;
	wait_until { own_processes($daemon) == 4 }
	    'four processes';
	is(scalar(grep { $daemon->get('/hot')->{body} eq 'hot' } 1 .. 10), 10,
	    'while a file system does not answer, others are served');
	$fuse->end;
	is(scalar(grep { my $a = $_->answer; $a && $a->{status} >= 400 }
	    @waiting), 4, 'who has asked for its files learns of its end');
	is($daemon->stop, 0, 'the server stops');
}

done_testing;
