# Clients who forgive nothing, beside whatever is done to the server: hammer of
# tests/operations, whose usage says what they do.
#
#	my $hammer = Prong::Hammer->start('-s', 60, $daemon->address);
#	$hammer->wait_answers(1);	# everybody has been answered
#	... reload, replace, restart ...
#	my $totals = $hammer->stop;
#	is($totals->{failed}, 0, 'nothing failed') or diag($totals->{text});
#
# SPDX-License-Identifier: ISC
package Prong::Hammer;
use strict;
use warnings;

use Carp qw(croak);
use File::Copy qw(copy);
use Time::HiRes qw(sleep time);

sub program {
	return ($ENV{PRONG_BUILDDIR} || '.') . '/tests/operations/hammer';
}

# install_build(3, $folder): puts that build of the handler "build" (there are
# 1 to 5) into a folder of plugins, at once and whole.
sub install_build {
	my ($build, $folder) = @_;
	my $from = ($ENV{PRONG_BUILDDIR} || '.')
	    . "/tests/plugins/.libs/build$build.so";
	copy($from, "$folder/.build.so") or croak "copy $from to $folder: $!";
	chmod 0755, "$folder/.build.so" or croak "chmod: $!";
	rename "$folder/.build.so", "$folder/build.so" or croak "rename: $!";
}

# start(@arguments): as hammer takes them; returns once it is at work.
sub start {
	my ($class, @arguments) = @_;
	my $pid = open my $pipe, '-|', program(), @arguments;
	$pid or croak program() . ": $!";
	my $self = bless { pid => $pid, pipe => $pipe }, $class;
	my $line = readline $pipe;
	defined $line && $line =~ /\Aclients=\d+\n\z/
	    or croak 'hammer does not begin';
	return $self;
}

# A block of what it prints, as a hash: text, the whole; failed and seconds;
# kinds, by name, each a hash of its line (requests, failed, max, ...);
# failures, counts by what failed; builds, numbers of answers by build. Nothing
# at its end.
sub read_totals {
	my ($self) = @_;
	my %totals = (text => '', kinds => {}, failures => {}, builds => {});
	while (defined(my $line = readline $self->{pipe})) {
		$totals{text} .= $line;
		my ($word, $rest) = $line =~ /\A(\w+) (.*)/ or next;
		my %value = $rest =~ /(\w+)=(\S*)/g;
		if ($word eq 'end') {
			@totals{keys %value} = values %value;
			return \%totals;
		} elsif ($word eq 'failure') {
			$totals{failures}{$value{what}} += $value{count};
		} elsif ($word eq 'builds') {
			$totals{builds} = { %value };
		} else {
			$totals{kinds}{$word} = { %value };
		}
	}
	return;
}

# The totals so far.
sub totals {
	my ($self) = @_;
	kill 'USR1', $self->{pid};
	return $self->read_totals || croak 'hammer has ended';
}

# wait_for(sub { ... $_[0]{failed} ... }, 'what is awaited'): until that is true
# of the totals, which it returns.
sub wait_for {
	my ($self, $condition, $what) = @_;
	my $until = time + $Prong::patience;
	while (1) {
		my $totals = $self->totals;
		return $totals if $condition->($totals);
		croak "hammer: in vain waited for $what: $totals->{text}"
		    if time > $until;
		sleep 0.02;
	}
}

# Until clients of every kind have had so many right answers more than now; does
# not wait where something failed.
sub wait_answers {
	my ($self, $count) = @_;
	my $before = $self->totals->{kinds};
	return $self->wait_for(sub {
		my ($totals) = @_;
		return 1 if $totals->{failed};
		return !grep { $totals->{kinds}{$_}{requests}
		    < $before->{$_}{requests} + $count } keys %$before;
	}, "$count answers of every kind");
}

# A test that dies does not wait for it.
sub DESTROY {
	my ($self) = @_;
	kill 'KILL', $self->{pid} unless $self->{finished};
}

# Waits for its end; the last totals, and its status of exit as "status".
sub finish {
	my ($self) = @_;
	my ($last, $totals);
	$last = $totals while $totals = $self->read_totals;
	close $self->{pipe};
	$self->{finished} = 1;
	$last or croak 'hammer printed no totals';
	$last->{status} = $? >> 8;
	return $last;
}

# Lets requests under way finish, and then it.
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
