# Honest clients wait no longer while a handler attacks what serves them all: the
# generation, the porter and the log process. Their latencies are measured in turn,
# without an attacker and with one. PRONG_SOAK=1 measures for longer, and wants the
# 99th percentile within 20 ms of the undisturbed one, on a machine that has nothing
# else to do.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Hostile;
use Prong::Process;

my $soak = $ENV{PRONG_SOAK};
my $rounds = $soak ? 10 : 2;
my $requests = $soak ? 200 : 50;
my $most_ms = $soak ? 20 : 2000;

my @attacks = (
	[ 'linger_and_exit', 60 ], [ 'linger_and_hand_off', 60 ],
	[ 'claim_octets', '18446744073709551615' ],
	[ 'hand_over', '/other/file' ], [ 'confuse', '/other/file' ],
	[ 'wake_all' ], [ 'fill_ring', 255 ],
	[ 'move_ring', 100000 ], [ 'log_much', 2000 ], [ 'say_much', 2000 ],
	[ 'queue_signals', 1000 ], [ 'fill_page', 255 ],
);

sub percentile {
	my ($share, @values) = @_;
	@values = sort { $a <=> $b } @values;
	return $values[int($share * $#values + 0.5)];
}

# Milliseconds from connecting to the whole response, for a new connection each.
sub latencies {
	my ($world) = @_;
	my @ms;
	for (1 .. $requests) {
		my $begin = time;
		my $client = $world->{daemon}->connect;
		my $answer = $client->request('GET', '/known');
		die "status $answer->{status}" if $answer->{status} != 200;
		push @ms, (time - $begin) * 1000;
		$client->close;
	}
	return @ms;
}

# The server cannot tell a client that has closed from one that has sent all.
sub hang_up {
	my ($client) = @_;
	setsockopt $client->socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
	$client->close;
	return;
}

# A process that sends the deed again and again, until it is ended.
sub attacker {
	my ($world, $deed, $with) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	my $end;
	local $SIG{TERM} = sub { $end = 1 };
	until ($end) {
		my $client = $world->send($deed, with => $with)->{client};
		IO::Select->new($client->socket)->can_read(0.3);
		hang_up($client);
	}
	POSIX::_exit(0);
}

# The handler knows the deed; what comes of it is the matter of other tests.
sub is_known {
	my ($world, $deed, $with) = @_;
	my $client = $world->send($deed, with => $with)->{client};
	$client->fill if IO::Select->new($client->socket)->can_read(2);
	hang_up($client);
	return $client->{got} !~ m{\AHTTP/1.1 404 };
}

sub try_attack {
	my ($world, $deed, $with) = @_;
	return fail("$deed is a deed") unless is_known($world, $deed, $with);
	my (@quiet, @attacked);
	for (1 .. $rounds) {
		push @quiet, latencies($world);
		my $pid = attacker($world, $deed, $with);
		sleep 0.1;
		push @attacked, latencies($world);
		kill 'TERM', $pid;
		waitpid $pid, 0;
		$world->settle;
	}
	my ($before, $now) = (percentile(0.99, @quiet), percentile(0.99, @attacked));
	my $title = sprintf '%s %s: p99 %.1f ms, %.1f ms undisturbed (medians %.1f, %.1f)',
	    $deed, $with // '', $now, $before, percentile(0.5, @attacked),
	    percentile(0.5, @quiet);
	ok($now - $before < $most_ms, $title);
	return;
}

my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
    settings => 'max_connections_per_client = 0; gone_grace = "500 ms";',
    idle => '2 s');
try_attack($world, @$_) for @attacks;
is($world->stop, 0, 'the daemon stops');
done_testing;
