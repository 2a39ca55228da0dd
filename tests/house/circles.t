# No circle of calls between the files of the daemon's core, nor of a plugin.
# nm says which object file has which symbol, and which it takes from another
# one; a function whose address is taken counts as called. circles-fail.t shows
# that circles are found.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Find qw(find);
use Test::More;

my $built = $ENV{PRONG_BUILDDIR} or die 'PRONG_BUILDDIR is not set';
my $source = $ENV{PRONG_SRCDIR} or die 'PRONG_SRCDIR is not set';
my $nm = $ENV{NM} || 'nm';

# Whether an object was made from a file that the sources still have. An earlier
# build may have left others.
sub is_current {
	my ($object) = @_;
	my ($file) = $object =~ m{\A(.*)\.o\z};
	$file =~ s{\.libs/}{};
	return -e "$source/$file.c" || -e "$source/$file.S";
}

# The objects below a folder of the build tree, by their paths from its top.
sub objects_below {
	my ($folder) = @_;
	my @objects;
	my $take = sub {
		push @objects, substr $File::Find::name, length("$built/")
		    if /\.o\z/;
	};
	find({ wanted => $take, no_chdir => 1 }, "$built/$folder")
	    if -d "$built/$folder";
	return sort grep { is_current($_) } @objects;
}

# libtool puts what goes into a shared object into .libs.
sub shared_objects {
	my ($folder) = @_;
	return grep { m{/\.libs/[^/]+\z} } objects_below($folder);
}

# For each object, the symbols that it has for others, and those that it takes.
# nm heads what it says of one of several files with the file's name.
sub symbols_of {
	my (@objects) = @_;
	my (%has, %takes, $object);
	open my $pipe, '-|', split(' ', $nm), map { "$built/$_" } @objects
	    or die "$nm: $!";
	while (<$pipe>) {
		$object = $1 if m{^\Q$built/\E(.*):$};
		my ($name, $type) = (reverse split)[0, 1];
		next unless defined $type && defined $object;
		push @{ $takes{$object} }, $name if $type =~ /^[Uw]\z/;
		push @{ $has{$object} }, $name if $type =~ /^[TDBRVWCGS]\z/;
	}
	close $pipe or die "$nm failed";
	return (\%has, \%takes);
}

# For each object, the objects that it calls, with the symbols by which it does.
sub calls_between {
	my ($has, $takes) = symbols_of(@_);
	my (%owner, %calls);
	for my $object (keys %$has) {
		$owner{$_} = $object for @{ $has->{$object} };
	}
	for my $object (keys %$takes) {
		for my $symbol (@{ $takes->{$object} }) {
			my $other = $owner{$symbol};
			push @{ $calls{$object}{$other} }, $symbol
			    if defined $other && $other ne $object;
		}
	}
	return \%calls;
}

# What an object calls, directly or through others.
sub reached_from {
	my ($calls, $object) = @_;
	my %reached;
	my @next = keys %{ $calls->{$object} };
	while (defined(my $other = shift @next)) {
		push @next, keys %{ $calls->{$other} } unless $reached{$other}++;
	}
	return \%reached;
}

# Lists of objects that all reach each other.
sub circles {
	my ($calls) = @_;
	my %reached = map { $_ => reached_from($calls, $_) } keys %$calls;
	my (%done, @circles);
	for my $object (sort keys %reached) {
		next if $done{$object} || !$reached{$object}{$object};
		my @circle = grep { $reached{$_} && $reached{$_}{$object} }
		    sort keys %{ $reached{$object} };
		@done{@circle} = (1) x @circle;
		push @circles, \@circle;
	}
	return @circles;
}

sub describe {
	my ($calls, @circle) = @_;
	diag('a circle of ', scalar @circle, ' files:');
	for my $from (@circle) {
		for my $to (grep { $calls->{$from}{$_} } @circle) {
			diag("    $from -> $to: ",
			    join ', ', sort @{ $calls->{$from}{$to} });
		}
	}
	return;
}

# Of several files of one program some must call others, else nm was misread.
sub no_circle {
	my ($title, @objects) = @_;
	my $calls = calls_between(@objects);
	my @circles = circles($calls);
	cmp_ok(scalar keys %$calls, '>', 0, "the files of $title call others");
	is(scalar @circles, 0, "$title calls in no circle");
	describe($calls, @$_) for @circles;
	return;
}

plan skip_all => 'there is no nm' if system("$nm --version >/dev/null 2>&1") != 0;

my @core = grep { !m{^src/cli/} } objects_below('src');
no_circle('the core', @core);
no_circle('prong', objects_below('src/cli'));
my @shared = shared_objects('plugins/shared');
for my $folder (sort grep { -d } glob "$built/plugins/*") {
	my ($plugin) = $folder =~ m{([^/]+)\z};
	my @objects = shared_objects("plugins/$plugin");
	next if $plugin eq 'shared' || !@objects;
	no_circle("the plugin $plugin", @objects, @shared);
}

done_testing;
