# circles.t finds circles: it reads tables of symbols that are made up here, as
# nm would print them of objects.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $script = "$ENV{PRONG_SRCDIR}/tests/house/circles.t";

# Prints each file below a line with the file's name.
my $nm = <<'NM';
[ "$1" != --version ] || exit 0
for file; do
	printf '\n%s:\n' "$file"
	cat "$file"
done
NM

sub write_file {
	my ($path, $text) = @_;
	make_path(dirname($path));
	open my $file, '>', $path or die "$path: $!";
	print $file $text or die "$path: $!";
	close $file or die "$path: $!";
	return;
}

# An object that has some symbols and takes others.
sub table {
	my ($has, $takes) = @_;
	return join '', map({ "0000000000000010 T $_\n" } @$has),
	    map({ "                 U $_\n" } @$takes),
	    "0000000000000000 t helper\n                 U helper\n";
}

my %good = (
	'src/main.o'                 => table([qw(main)], [qw(a printf)]),
	'src/base/a.o'               => table([qw(a)], [qw(b malloc)]),
	'src/base/b.o'               => table([qw(b)], []),
	'src/cli/prong.o'            => table([qw(main)], [qw(reply)]),
	'src/cli/reply.o'            => table([qw(reply)], []),
	'plugins/flag/.libs/flag.o'  => table([qw(flag)], [qw(file)]),
	'plugins/flag/.libs/file.o'  => table([qw(file)], [qw(escape)]),
	'plugins/shared/.libs/esc.o' => table([qw(escape)], []),
	'plugins/.libs/echo.o'       => table([qw(echo)], []),
);

# Runs circles.t over the objects with these in addition or instead: its exit
# status and what it printed.
sub run_with {
	my (%changed) = @_;
	my %files = (%good, %changed);
	my $tree = tempdir('prong-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	write_file("$tree/$_", $files{$_}) for keys %files;
	write_file("$tree/nm", $nm);
	# An object without its source is another build's; "old" is one.
	for my $object (grep { !m{/old\.o\z} } keys %files) {
		my $source = $object =~ s{\.libs/}{}r =~ s/\.o\z/.c/r;
		write_file("$tree/source/$source", '');
	}
	local $ENV{PRONG_SRCDIR} = "$tree/source";
	local $ENV{PRONG_BUILDDIR} = $tree;
	local $ENV{NM} = $ENV{NM} || "sh $tree/nm";
	open my $run, '-|', qq("$^X" -w "$script" 2>&1) or die "$script: $!";
	my $output = join '', <$run>;
	close $run;
	return ($?, $output);
}

sub finds {
	my ($title, $lines, %changed) = @_;
	my ($status, $output) = run_with(%changed);
	isnt($status, 0, "$title fails");
	like($output, qr/^#\s+\Q$_\E$/m, "which names $_") or diag($output)
	    for @$lines;
	return;
}

delete $ENV{NM};
my ($status, $output) = run_with();
is($status, 0, 'calls in one direction pass') or diag($output);

($status, $output) = run_with(
    'src/base/b.o'   => table([qw(b)], [qw(old)]),
    'src/base/old.o' => table([qw(old)], [qw(b)]));
is($status, 0, 'an object that is left of an earlier build is passed over')
    or diag($output);

finds('a circle of two', [ 'a circle of 2 files:',
    'src/base/a.o -> src/base/b.o: b', 'src/base/b.o -> src/base/a.o: a' ],
    'src/base/b.o' => table([qw(b)], [qw(a)]));
finds('a circle of three through another folder', [ 'a circle of 3 files:',
    'src/base/a.o -> src/base/b.o: b', 'src/base/b.o -> src/http/c.o: c, d',
    'src/http/c.o -> src/base/a.o: a' ],
    'src/base/b.o' => table([qw(b)], [qw(c d)]),
    'src/http/c.o' => table([qw(c d)], [qw(a)]));
finds('a circle in a plugin', [ 'a circle of 2 files:',
    'plugins/flag/.libs/file.o -> plugins/flag/.libs/flag.o: flag' ],
    'plugins/flag/.libs/file.o' => table([qw(file)], [qw(flag)]));
finds('a circle of a plugin and what plugins share', [ 'a circle of 3 files:',
    'plugins/shared/.libs/esc.o -> plugins/flag/.libs/flag.o: flag' ],
    'plugins/shared/.libs/esc.o' => table([qw(escape)], [qw(flag)]));
finds('a circle in prong', [ 'a circle of 2 files:' ],
    'src/cli/reply.o' => table([qw(reply)], [qw(main)]));

$ENV{NM} = '/nonexistent/nm';
($status, $output) = run_with();
is($status, 0, 'without nm nothing fails');
like($output, qr/# SKIP there is no nm/, 'but the test is skipped by name');

done_testing;
