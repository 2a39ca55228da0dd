# Many clients at once: the program load of tests/bench.
#
# SPDX-License-Identifier: ISC
package Prong::Load;
use strict;
use warnings;

use Carp qw(croak);

sub program {
	return ($ENV{PRONG_BUILDDIR} || '.') . '/tests/bench/load';
}

# start(@arguments): as load takes them. finish() waits and returns what it
# printed as a hash: requests, errors, reset, ...
sub start {
	my ($class, @arguments) = @_;
	my $pid = open my $pipe, '-|', program(), @arguments;
	$pid or croak program() . ": $!";
	return bless { pid => $pid, pipe => $pipe }, $class;
}

sub finish {
	my ($self) = @_;
	my $line = do { local $/; readline $self->{pipe} };
	close $self->{pipe};
	my %result = (line => '', $line ? (line => $line,
	    $line =~ /(\w+)=([\d.]+)/g) : ());
	croak 'load printed nothing' unless exists $result{errors};
	chomp $result{line};
	return \%result;
}

# Lets requests under way finish, and then it; as finish.
sub stop {
	my ($self) = @_;
	kill 'TERM', $self->{pid};
	return $self->finish;
}

sub run {
	my ($class, @arguments) = @_;
	return $class->start(@arguments)->finish;
}

1;
