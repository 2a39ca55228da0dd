# A handler that watches every descriptor it has, as often as it can. If the
# generation woke its connections by something that they share, the kernel would go
# through all these watches when it stops, and hold everybody up for that time. It
# does not. Nor does anybody wait for the end of watches that it leaves behind.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use List::Util qw(min);
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Hostile;
use Prong::Process;

my $attackers = 6;
# When all connections shared a pidfd, each attacker held others up for some 30 ms.
my $most_ms = 80;
# On a busy machine one of the rounds is less disturbed than the others.
my $rounds = 6;

# The watches are counted for a user: other tests have another one.
my @settings = (handler => 'hostile',
    running_as_root() ? (user => 64131) : ());

sub world {
	my ($stop_grace) = @_;
	return Prong::Hostile->start(mode => 'on', @settings, settings =>
	    "drain_timeout = \"0 s\"; stop_grace = \"$stop_grace\";");
}

# Returns when the old generation has told its connections to end.
sub reload {
	my ($world) = @_;
	my $run = Prong::prong('-s', $world->{control}, 'reload');
	die "prong reload: $run->{errors}" if $run->{status} != 0;
	$world->{kept}->rest;
	return;
}

# A client that asks again and again, by new connections, until the pipe is closed,
# and then writes the longest time of one, in milliseconds.
sub bystander {
	my ($world, $reading, $writing) = @_;
	pipe my $result, my $tells or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	return { pid => $pid, result => $result } if $pid;
	my $slowest = 0;
	close $writing;
	until (IO::Select->new($reading)->can_read(0)) {
		my $began = time;
		my $answer = $world->{daemon}->get('/known');
		die "status $answer->{status}" if $answer->{status} != 200;
		$slowest = time - $began if time - $began > $slowest;
	}
	syswrite $tells, $slowest * 1000;
	POSIX::_exit(0);
}

# The longest time in which one of two is served while the server is reloaded.
sub slowest_ms {
	my ($count) = @_;
	my $world = world('10 min');
	my @attackers = map { $world->send('watch_all')->{client} } 1 .. $count;
	my $watches = 0;
	for my $client (@attackers) {
		1 while $client->{got} !~ /(\d+) watches/ && $client->fill;
		$watches += $1 if $client->{got} =~ /(\d+) watches/;
	}
	pipe my $reading, my $writing or die "pipe: $!";
	my @bystanders = map { bystander($world, $reading, $writing) } 1, 2;
	reload($world);
	close $writing;
	my $slowest = 0;
	for (@bystanders) {
		my $ms = readline $_->{result};
		waitpid $_->{pid}, 0;
		die 'a bystander was not served' unless $ms;
		$slowest = $ms if $ms > $slowest;
	}
	$_->close for @attackers;
	$world->stop;
	return ($slowest, $watches);
}

{
	my $world = world('1 s');
	my @wrong = $world->try('find_watched', { client => qr/\A(pipe ?)*\z/ });
	ok(!@wrong, 'a connection can watch nothing but its client and a pipe of '
	    . 'its own') or diag join "\n", @wrong;
	my $client = $world->send('await_others')->{client};
	1 while $client->{got} !~ /waits/ && $client->fill;
	reload($world);
	my ($ready) = ($client->{got} . $client->rest) =~ /(\w+ is ready)/;
	is($ready, undef, 'a handler that waits for all of its descriptors is '
	    . 'not told of the end of the generation by one');
	is($world->stop, 0, 'the daemon stops');
}

# Watches that a process leaves behind are removed by whoever closes the client's
# socket last. That takes a thread of the porter 90 ms each, and the porter none.
{
	my $world = world('1 s');
	my ($porter) = grep { Prong::Process::title($_) =~ /porter/ }
	    Prong::Process::helpers($world->{generation});
	my $used = sub { my $sum = 0;
	    $sum += $_ for Prong::Process::times("$porter/task/$porter");
	    return $sum };
	my $before = $used->();
	for (1 .. 4) {
		my $client = $world->send('leave_watches')->{client};
		$client->rest;
		$client->close;
	}
	cmp_ok($used->() - $before, '<', 0.06, 'the porter does not wait for '
	    . 'the watches that are left of a client\'s socket');
	is($world->stop, 0, 'the daemon stops');
}

my (@quiet, @attacked, $watches);
do {
	push @quiet, (slowest_ms(0))[0];
	(my $ms, $watches) = slowest_ms($attackers);
	push @attacked, $ms;
} until min(@attacked) - min(@quiet) < $most_ms || @quiet == $rounds;
cmp_ok($watches, '>', 0, "$attackers attackers have $watches watches");
my ($before, $now) = (min(@quiet), min(@attacked));
ok($now - $before < $most_ms, sprintf 'at a reload nobody waits for them: '
    . '%.0f ms, %.0f ms without them', $now, $before);

done_testing;
