# A whole site from a daemon: several clients at once, keep-alive, byte for byte;
# and a file larger than 32 bits can tell.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use File::Find ();
use Prong;
use Test::More;

my $clients = 8;
my $root = folder('site');

# A link from each page to all of its folder, so that wget finds everything.
sub page {
	my (@names) = @_;
	return "<!doctype html>\n" . join '', map {
		s/([^A-Za-z0-9._\/-])/sprintf '%%%02X', ord $1/ger
		    =~ s/(.*)/<a href=".\/$1">x<\/a>\n/sr
	} @names;
}

# Octets that are the same at every run.
sub octets {
	my ($seed, $length) = @_;
	my $text = '';
	$text .= pack 'H*', md5_hex($seed . length $text)
	    while length $text < $length;
	return substr $text, 0, $length;
}

my @odd = ('sp ace.txt', '100%.txt', 'plus+.txt', 'a&b.txt', "q'uote.txt",
    'co:lon.txt', 'semi;colon.txt', 'ha#sh.txt', 'que?ry.txt',
    "\xc3\xa4\xc3\xb6\xc3\xbc.txt", 'e=mc2.txt', 'at@.txt', 'tilde~.txt');
my @lengths = (0, 1, 2, 1023, 1024, 4095, 4096, 4097, 16384, 65535, 65536,
    65537, 100_000, 1_000_000);
for my $folder ('', 'one/', 'one/two/', 'three four/') {
	my @names = (@odd, map { "$_.bin" } @lengths);
	write_file("site/$folder$odd[$_]", "$folder$odd[$_]\n") for 0 .. $#odd;
	write_file("site/$folder$_.bin", octets("$folder$_", $_)) for @lengths;
	my @below = $folder eq '' ? ('one/', 'three four/')
	    : $folder eq 'one/' ? ('two/') : ();
	write_file("site/${folder}index.html", page(@names, @below));
}

my @files;
File::Find::find({ no_chdir => 1, wanted => sub {
	push @files, substr $_, length "$root/" if -f;
} }, $root);
@files = sort @files;

my $daemon = start(config("{ path = \"/\"; static = { root = \"$root\"; }; }"));

sub encoded {
	my ($path) = @_;
	return '/' . $path =~ s/([^A-Za-z0-9._\/-])/sprintf '%%%02X', ord $1/ger;
}

# One client: all files in an order of its own, over one connection, some
# requests sent before the answer to those before. Its faults, one a line.
sub fetch_all {
	my ($number) = @_;
	my @order = map { $files[($_ + $number * 11) % @files] } 0 .. $#files;
	@order = reverse @order if $number % 2;
	my $client = $daemon->connect;
	my $faults = '';
	while (my @some = splice @order, 0, 1 + $number % 3) {
		$client->send(join '', map {
			Prong::request('GET', encoded($_))
		} @some);
		for my $file (@some) {
			my $answer = $client->answer;
			if (!$answer) {
				$faults .= "$file: no answer\n";
				$client = $daemon->connect;
				last;
			}
			$faults .= "$file: $answer->{status}\n"
			    if $answer->{status} != 200;
			$faults .= "$file: other content\n" if
			    $answer->{body} ne read_file("site/$file");
		}
	}
	return $faults;
}

my @children;
for my $number (1 .. $clients) {
	pipe my $reader, my $writer or die "pipe: $!";
	my $pid = fork;
	defined $pid or die "fork: $!";
	if ($pid == 0) {
		my $faults = eval { fetch_all($number) };
		$faults = $@ unless defined $faults;
		print $writer $faults;
		close $writer;
		require POSIX;
		POSIX::_exit(0);
	}
	close $writer;
	push @children, [ $number, $pid, $reader ];
}
for (@children) {
	my ($number, $pid, $reader) = @$_;
	my $faults = do { local $/; <$reader> };
	waitpid $pid, 0;
	is(defined $faults ? $faults : '', '',
	    "client $number of $clients gets " . @files
	    . ' files as they are on the disk');
}

SKIP: {
	my ($wget) = grep { -x } map { "$_/wget" } split /:/, $ENV{PATH};
	skip 'wget is not installed', 2 unless $wget;
	my $copy = folder('copy');
	my $status = system $wget, qw(-q -r -l inf -nH --no-config -e robots=off
	    --restrict-file-names=nocontrol --no-proxy -P), $copy,
	    'http://' . $daemon->address . '/';
	is($status, 0, 'wget fetches the site without an error');
	my @faults = grep {
		!-f "$copy/$_"
		    || read_file("copy/$_") ne read_file("site/$_")
	} @files;
	is("@faults", '', 'and has every file as it is on the disk');
}

# A sparse file of 5 GiB, with something to be found behind 4 GiB.
my $big = 5 * 2 ** 30;
my $place = 2 ** 32 + 12345;
SKIP: {
	my $path = write_file('site/big', 'begin');
	open my $file, '+<', $path or die "$path: $!";
	my $made = seek($file, $place, 0) && print({ $file } 'needle')
	    && truncate($file, $big) && close $file;
	skip "a file of 5 GiB cannot be made here: $!", 1
	    unless $made && -s $path == $big;

	# First octet, last octet, length, content, title.
	my @ranges = (
		[ "0-4", 0, 4, 'begin', 'the first octets' ],
		[ "$place-" . ($place + 5), $place, $place + 5, 'needle',
		    'octets behind 4 GiB' ],
		[ (2 ** 32 - 2) . '-' . (2 ** 32 + 1), 2 ** 32 - 2,
		    2 ** 32 + 1, "\0" x 4, 'octets on both sides of 4 GiB' ],
		[ (2 ** 31 - 2) . '-' . (2 ** 31 + 1), 2 ** 31 - 2,
		    2 ** 31 + 1, "\0" x 4, 'octets on both sides of 2 GiB' ],
		[ '-3', $big - 3, $big - 1, "\0" x 3, 'the last octets' ],
		[ ($big - 1) . '-', $big - 1, $big - 1, "\0",
		    'the very last one' ],
		[ ($big - 2) . '-' . 2 ** 40, $big - 2, $big - 1, "\0\0",
		    'a range that ends behind the end' ],
	);
	my $client = $daemon->connect;
	for (@ranges) {
		my ($range, $first, $last, $content, $title) = @$_;
		my $answer = $client->request('GET', '/big',
		    [ "Range: bytes=$range" ]);
		is($answer->{status}, 206, "$title are a range");
		is($answer->field('Content-Range'), "bytes $first-$last/$big",
		    "$title are told");
		is($answer->{body}, $content, "$title are right");
	}
	my $head = $client->request('HEAD', '/big');
	is($head->field('Content-Length'), $big, 'HEAD tells all of 5 GiB');
	is($client->request('GET', '/big', [ "Range: bytes=$big-" ])->{status},
	    416, 'behind the end there is nothing');

	# A long stretch crosses the limit in the midst of sending.
	my $begin = 2 ** 32 - 1_000_000;
	my $answer = $client->request('GET', '/big',
	    [ "Range: bytes=$begin-" . ($begin + 2_999_999) ]);
	my $expected = "\0" x 3_000_000;
	substr $expected, $place - $begin, 6, 'needle';
	ok($answer->{body} eq $expected, 'three megabytes across 4 GiB');
	$client->close;
}

is($daemon->stop, 0, 'the daemon ends well');

done_testing;
