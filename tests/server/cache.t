# The cache of static: its bounds, what shares it, and for how long a file is
# believed to be unchanged. kept-files.t changes files that are in it.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Process;

my $root = folder('www');
my $common = folder('common');

# A daemon with one route, its log and a client.
sub serve {
	my ($options, $handlers, %how) = @_;
	$handlers ||= "static = { root = \"$root\"; $options };";
	my $daemon = start(config("{ path = \"/\"; $handlers"
	    . ' max_requests = 0; }', %how), '-v');
	return { daemon => $daemon, client => $daemon->connect, marks => 0 };
}

sub ask_for {
	my ($from, $path, @fields) = @_;
	return $from->{client}->request('GET', $path, \@fields);
}

# How often each path was opened so far. Lines of the log come late; the last one
# that counts is that of the mark.
sub opened {
	my ($from) = @_;
	my $mark = '/mark' . ++$from->{marks};
	ask_for($from, $mark);
	$from->{daemon}->wait_log(qr/openat2\("\Q$mark\E"\)/);
	my %count;
	$count{$_}++ for $from->{daemon}->log =~ /openat2\("([^"]*)"\)/g;
	return \%count;
}

# Asks for the paths in turn until a round opens none of them.
sub warm {
	my ($from, @paths) = @_;
	wait_until {
		my $before = opened($from);
		ask_for($from, $_) for @paths;
		my $after = opened($from);
		!grep { ($before->{$_} || 0) != ($after->{$_} || 0) } @paths;
	} "@paths[0, -1] are kept";
	return;
}

# The second handler opens the path no more: one for each request is the first.
sub warm_second {
	my ($from, $path) = @_;
	wait_until {
		my $before = opened($from)->{$path} || 0;
		ask_for($from, $path);
		opened($from)->{$path} == $before + 1;
	} "$path is kept";
	return;
}

sub descriptors_below {
	my ($from, $folder) = @_;
	my ($generation) = Prong::Process::children($from->{daemon}->pid);
	# Of the process of the connection, or of its worker; others have none.
	my @open = map { my %open = Prong::Process::descriptors($_);
	    values %open } Prong::Process::children($generation),
	    Prong::Process::workers($generation);
	return undef unless @open;
	return scalar grep { m{^\Q$folder\E/} } @open;
}

my @hot = map { sprintf '/hot/%d.txt', $_ } 1 .. 500;
write_file("www$_", sprintf "%-1023s\n", $_) for @hot;
my @large = map { "/large$_.bin" } 1 .. 70;
write_file("www$_", $_ x 4000) for @large;
my @small = map { "/small$_.bin" } 1 .. 3;
write_file("www$_", substr $_ x 1500, 0, 16384) for @small;
write_file('www/changed.txt', 'old');
write_file('www/removed.txt', 'old');
write_file('www/late.txt', 'old');
write_file('www/big.bin', join '', map { sprintf "%063d\n", $_ }
    1 .. 128 * 1024);
write_file('www/both.txt', 'of the root');
write_file('common/both.txt', 'of the common one');
write_file('common/one.txt', 'of the common one');
for my $name (qw(changed removed older)) {
	write_file("www/z-$name.css", 'plain');
	write_file("www/z-$name.css.gz", 'coded');
}
write_file('www/z-later.css', 'plain');
wait_settled($root . $hot[-1], "$root/z-later.css");

# Many files.
{
	my $from = serve('revalidate = "1 min";');
	warm($from, @hot);
	is_deeply([ grep { ask_for($from, $_)->{body} ne sprintf "%-1023s\n",
	    $_ } @hot ], [], '500 files that are kept have their own content');
	SKIP: {
		my $held = descriptors_below($from, $root);
		skip 'cannot look into /proc', 2 unless defined $held;
		is($held, 0, 'no descriptor of a small file is held');
		for (1 .. 3) {
			ask_for($from, $_) for @large;
		}
		is(descriptors_below($from, $root), 64,
		    'of large files 64 are');
	}
	is_deeply([ grep { ask_for($from, $_)->{body} ne $_ x 4000 } @large ],
	    [], 'and all of them have their own content');
}

# Few descriptors.
{
	my $from = serve('', "static = { root = \"$root\"; revalidate = "
	    . '"1 min"; }; max_open_files = 40;');
	for (1 .. 3) {
		is(scalar(grep { ask_for($from, $_)->{status} != 200 } @large),
		    0, 'files are served where few may be open');
	}
	my $held = descriptors_below($from, $root);
	SKIP: {
		skip 'cannot look into /proc', 1 unless defined $held;
		is($held, 5, 'an eighth of them is kept');
	}
}

# A bound that is too small, and none.
for (
	[ '40 KiB', 'one file after the other leaves' ],
	[ '16 KiB', 'a file that is larger than the cache is not kept' ],
	[ '0', 'without a cache nothing is kept' ],
) {
	my ($size, $title) = @$_;
	my $from = serve("revalidate = \"1 min\"; cache = \"$size\";");
	for (1 .. 4) {
		ask_for($from, $_) for @small;
	}
	my $count = opened($from);
	is_deeply([ map { $count->{$_} } @small ], [ 4, 4, 4 ], $title);
	ask_for($from, $small[2]) for 1 .. 3;
	is(opened($from)->{$small[2]}, $size eq '40 KiB' ? 4 : 7,
	    "$title: the last one");
}

# A client that takes what it has asked for late, while its entries leave.
{
	my $from = serve('cache = "40 KiB";');
	for (1 .. 2) {
		ask_for($from, $_) for '/big.bin', @small;
	}
	my @order = ('/big.bin', (@small) x 20, '/big.bin', @small);
	my $client = $from->{client};
	$client->send(join '', map { Prong::request('GET', $_) } @order);
	my @wrong;
	for my $path (@order) {
		my $body = $client->answer->{body};
		push @wrong, $path unless $path eq '/big.bin' ?
		    length $body == 8 * 1024 * 1024 && $body =~ /131072\n\z/ :
		    $body eq substr $path x 1500, 0, 16384;
	}
	is_deeply(\@wrong, [], 'pipelined responses are whole while entries '
	    . 'leave');
	ask_for($from, '/big.bin') for 1 .. 2;
	$client->send(Prong::request('GET', '/big.bin'));
	rename write_file('next.bin', 'other'), "$root/big.bin" or die;
	my $body = $client->answer->{body};
	ok(length $body == 8 * 1024 * 1024 || $body eq 'other',
	    'a large file that is replaced meanwhile is one or the other');
	is(ask_for($from, '/big.bin')->{body}, 'other',
	    'the next response has the new one');
}

# Without a check. Connections of a worker share what it keeps.
{
	my $from = serve('revalidate = "1 min";', undef, workers => 0);
	warm($from, '/changed.txt', '/removed.txt');
	write_file('www/changed.txt', 'new');
	unlink "$root/removed.txt" or die;
	is(ask_for($from, '/changed.txt')->{body}, 'old',
	    'within revalidate a change is not seen');
	is(ask_for($from, '/removed.txt')->{status}, 200,
	    'nor that the file was removed');
	unlike($from->{daemon}->log, qr/statx/, 'the kernel is not asked');
	SKIP: {
		skip 'a worker keeps it for all of its connections', 1
		    if $ENV{PRONG_WORKERS};
		my $other = $from->{daemon}->connect;
		is($other->request('GET', '/changed.txt')->{body}, 'new',
		    'the process of another connection has not kept it');
	}
}
{
	my $from = serve('revalidate = "100 ms";');
	warm($from, '/late.txt');
	write_file('www/late.txt', 'new');
	wait_until { ask_for($from, '/late.txt')->{body} eq 'new' }
	    'the change to be seen';
	pass('after it the change is seen');
}

# Two handlers in one process.
for my $size ('0', '1 MiB') {
	my $from = serve('', "handlers = ( { static = { root = \"$root\"; "
	    . 'fields = [ "X-Root: first" ]; decline = true; revalidate = '
	    . "\"1 min\"; cache = \"$size\"; }; }, { static = { root = "
	    . "\"$common\"; fields = [ \"X-Root: second\" ]; revalidate = "
	    . '"1 min"; }; } );');
	unlink "$root/one.txt";
	warm_second($from, '/one.txt');
	for (1 .. 3) {
		is(ask_for($from, '/one.txt')->field('X-Root'), 'second',
		    "cache = $size: what the second handler keeps is its own");
		is(ask_for($from, '/both.txt')->{body}, 'of the root',
		    "cache = $size: so is what the first one has");
	}
	write_file('www/one.txt', 'of the root');
	is(ask_for($from, '/one.txt')->{body}, 'of the root',
	    "cache = $size: a file that is not there is not remembered");
}

# Precompressed files.
{
	my $from = serve('precompressed = true;');
	my $coding = sub {
		my ($path) = @_;
		my $answer = ask_for($from, $path, 'Accept-Encoding: gzip');
		return join ' ', $answer->{status}, $answer->{body},
		    map { $answer->field($_) // '-' } qw(Content-Encoding
		    Vary Content-Type);
	};
	my $css = 'text/css; charset=utf-8';
	my $coded = "200 coded gzip Accept-Encoding $css";
	for my $name (qw(changed removed older)) {
		is_deeply([ map { $coding->("/z-$name.css") } 1 .. 4 ],
		    [ ($coded) x 4 ], "$name: a sibling is sent, kept or not");
		is(ask_for($from, "/z-$name.css")->{body}, 'plain',
		    "$name: and the file itself to others");
	}
	is($coding->('/z-later.css'), "200 plain - - $css", 'without a sibling')
	    for 1 .. 3;
	write_file('www/z-changed.css.gz', 'other');
	is($coding->('/z-changed.css'), "200 other gzip Accept-Encoding $css",
	    'a sibling that is changed');
	unlink "$root/z-removed.css.gz" or die;
	is($coding->('/z-removed.css'), "200 plain - - $css",
	    'a sibling that is removed');
	my $changed = (stat "$root/z-older.css.gz")[9];
	utime $changed + 1, $changed + 1, "$root/z-older.css";
	is($coding->('/z-older.css'), "200 plain - - $css",
	    'a sibling that is older than the file now');
	write_file('www/z-later.css.gz', 'coded');
	is($coding->('/z-later.css'), $coded, 'a sibling that is new');
}

done_testing();
