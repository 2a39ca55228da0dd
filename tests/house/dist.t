# The release has all that the sources have: each file of the repository, and
# what the links of its pages lead to.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

my ($source, $build) = @ENV{qw(PRONG_SRCDIR PRONG_BUILDDIR)};

# What "make dist" takes, by its names below the top: files and folders.
sub distributed {
	local %ENV = %ENV;
	delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
	my $make = $ENV{MAKE} || 'make';
	my $output = qx{$make -s --no-print-directory -C '$build' \\
	    --eval='print-dist: ; \@echo \$(DISTFILES)' print-dist};
	die "make: $output" if $?;
	return map { s{\A\Q$source\E/}{}r =~ s{\A(?:\.\./)+}{}r }
	    split ' ', $output;
}

# Each of them with the folders that lead to it.
my @distributed = distributed();
my %has;
for (@distributed) {
	my $path = $_;
	do { $has{$path} = 1 } while $path =~ s{/[^/]*\z}{};
}

# Itself, or in a folder that is distributed as a whole.
my %whole = map { $_ => 1 } @distributed;

sub is_distributed {
	my ($path) = @_;
	return 1 if $has{$path};
	while ($path =~ s{/[^/]*\z}{}) {
		return 1 if $whole{$path};
	}
	return 0;
}

sub lines {
	my ($path) = @_;
	open my $file, '<', "$source/$path" or die "$path: $!";
	return <$file>;
}

# Without the way up.
sub plain {
	my ($path) = @_;
	1 while $path =~ s{[^/]+/\.\./}{};
	return $path =~ s{\A\./|/\z}{}gr;
}

my @pages = grep { /\.md\z/ } keys %has;
cmp_ok(scalar @pages, '>=', 7, 'the release has pages');
for my $page (sort @pages) {
	my ($folder) = $page =~ m{\A(.*/)} ? $1 : '';
	my @missing;
	for my $link (map { /\]\(([^)#\s]+)/g } lines($page)) {
		next if $link =~ /\A\w+:/;
		my $path = plain($folder . $link);
		push @missing, $link
		    unless -e "$source/$path" && is_distributed($path);
	}
	is_deeply(\@missing, [], "the links of $page lead to what it has");
}

# Pages and data have none, and what upstream's tools write has its own.
my $ours = qr{\.(?:[chm4t]|am|ac|mk|p[lm]|cfg|conf)\z|\A(?:examples|service)/.*\.[a-z]+\z|
    \Adebian/(?:rules|tests/[hs]|prong\.p)|\Aman/|\Aprong\.pc\.in\z}x;
my $others = qr{\Aaclocal\.m4\z|\Abuild-aux/|\Am4/l|\Aexamples/site/|/corpus/}x;
is_deeply([ grep { join('', lines($_)) !~ /SPDX-License-Identifier: ISC/ }
    grep { /$ours/ && !/$others/ && -f "$source/$_" } sort keys %has ], [],
    'each source tells its licence');

SKIP: {
	my @files = split /\0/, qx{git -C '$source' ls-files -z 2>/dev/null};
	skip 'this is no repository', 1
	    unless @files && -e "$source/.git";
	# But for what git alone reads, which dpkg-source leaves out, too.
	is_deeply([ grep { !m{(?:\A|/)\.git\w+\z} && !is_distributed($_) } @files ],
	    [], 'and each file of the repository');
}

done_testing;
