# What a connection shares with its generation: the memory for a handoff and the
# client's socket; and what the kernel counts for the user of both. Whatever a
# handler does with them, others are served at once, are handed off, and stay
# connected.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Hostile;
use Prong::Process;

# Far above what a busy machine needs, and far below what the attacks ask for.
my $patience = 10;
my $long = 60;

# The requests of one connection that goes through three processes.
sub moves {
	my ($daemon) = @_;
	my $client = $daemon->connect;
	my @status = map { my $answer = $client->request('GET', $_);
	    $answer ? $answer->{status} : 'cut' }
	    '/known', '/hostile?do=stat&with=/', '/other/file';
	$client->close;
	return "@status";
}

# Honest clients after the deed: new, kept and handed off, and how long it took.
sub others_are_served {
	my ($world, $title) = @_;
	my ($began, $logged) = (time, length $world->{daemon}->log);
	my @noticed = $world->honest;
	push @noticed, 'another connection is not handed off'
	    . ": the log says \"" . $world->log_since({ log => $logged }) . '"'
	    unless moves($world->{daemon}) eq '200 200 200';
	my $took = time - $began;
	push @noticed, sprintf 'others had to wait for %.1f s', $took
	    if $took > $patience;
	ok(!@noticed, $title) or diag join "\n", @noticed;
	return;
}

sub try_row {
	my ($world, $row) = @_;
	my ($deed, $with, $client, $log) = @$row;
	my $title = "$world->{title}: $deed"
	    . (defined $with ? " $with" : '');
	my @wrong = eval { $world->try($deed, { client => $client,
	    log => $log }, with => $with) };
	push @wrong, $@ if $@;
	ok(!@wrong, $title) or diag join "\n", @wrong;
	others_are_served($world, 'others are served, and handed off');
	return;
}

my $unread = qr/cannot take the octets of the handoff: /;
my $nothing = qr/\A(nothing|reset)\z/;

my @rows = (
	[ 'empty_handoff', undef, $nothing, $unread ],
	(map { [ 'claim_octets', $_, $nothing, $unread ] }
	    0, 1_000_000, '18446744073709551615'),
	[ 'claim_octets', 73728, '400' ],
	[ 'hand_over', '/other/file', 'other' ],
	# Whatever is called the client's socket, the accepted one is handed off.
	[ 'confuse', '/other/file', 'other' ],
	# The client learns of the end, although the porter has its socket.
	[ 'kill_itself', 9, $nothing, qr/was ended by signal 9 / ],
	[ 'find_unix_socket', undef, 'none' ],
);

# A connection must keep nobody who closes it.
sub try_linger {
	my ($world) = @_;
	my @attacks = ([ 'linger_and_hand_off', $long ],
	    map { [ 'linger_and_exit', "$long $_" ] } 0, 7);
	my @held;
	for my $attack (@attacks) {
		my ($deed, $with) = @$attack;
		# They do not read what was sent.
		push @held, $world->send($deed, with => $with)->{client}
		    for 1 .. 5;
		others_are_served($world, "$world->{title}: nobody waits for "
		    . "those who linger, by $deed $with");
	}
	$_->close for @held;
	wait_until { Prong::Process::children($world->{generation})
	    <= $world->{children} } 'the end of those who lingered';
	return;
}

# The porter holds what is handed off, a socket of each worker, and nothing for connections that ended.
sub is_tidy {
	my ($world) = @_;
	my ($porter) = grep { Prong::Process::title($_) =~ /porter/ }
	    Prong::Process::helpers($world->{generation});
	wait_until {
		my %open = Prong::Process::descriptors($porter);
		return (grep { /\Asocket:/ } values %open)
		    <= 1 + Prong::Process::children($world->{generation})
		    + $world->wanted_workers;
	} 'the porter to close all sockets but those of living connections';
	pass("$world->{title}: the porter closes the sockets of ended ones");
	return;
}

sub try_mode {
	my ($mode, %settings) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    title => $settings{user} ? "$mode, an ordinary user" : $mode,
	    hidden => 1, %settings);
	try_row($world, $_) for @rows;
	try_linger($world);
	is_tidy($world);
	is($world->stop, 0, 'the daemon stops');
	return;
}

my $abi = Prong::Hostile::landlock_abi();
SKIP: {
	skip "this kernel has Landlock ABI $abi, which is below 6", 1
	    if $abi < 6;
	try_mode('on');
	skip 'the server is an ordinary user\'s already', 1
	    unless running_as_root;
	try_mode('on', user => 65534);
}
try_mode('off');

# Who lingers in the only set of rules there is, is closed by its own process and
# never by the generation, however fast it ends.
{
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    title => 'on');
	my @held;
	for my $round (1 .. 100) {
		push @held, $world->send('linger_and_exit',
		    with => "$long 0")->{client};
		shift(@held)->close if @held > 20;
	}
	others_are_served($world, 'a race for the last close is won by nobody');
	$_->close for @held;
	is($world->stop, 0, 'the daemon stops');
}

# Descriptors in flight are counted for the user, and compared with the limit of
# the process that sends one. Attackers have as many as they can; others are handed
# off from a process like theirs and from a fresh one, and the server is reloaded.

sub attack {
	my ($world, $count) = @_;
	my @attackers = map { $world->send('fly')->{client} } 1 .. $count;
	my $in_flight = 0;
	for my $client (@attackers) {
		$client->fill until $client->{got} =~ m{(\d+) in flight};
		$in_flight += $1;
	}
	return ($in_flight, @attackers);
}

# The time that the slowest takes to go on in another process.
sub slowest_move {
	my ($daemon, @kept) = @_;
	my $slowest = 0;
	for my $client (@kept, map { $daemon->connect } 1 .. 10) {
		for my $target ('/known', '/other/file', '/hostile?do=stat&with=/',
		    '/other/file') {
			my $began = time;
			my $answer = eval { $client->request('GET', $target) };
			return "no answer at $target" unless $answer;
			return "$answer->{status} at $target"
			    if $answer->{status} != 200;
			$slowest = time - $began if time - $began > $slowest;
		}
	}
	return $slowest;
}

sub control_works {
	my ($world, $title, @commands) = @_;
	for my $command (@commands) {
		my $run = Prong::prong('-s', $world->{control}, $command);
		is($run->{status}, 0, "$title, and prong $command works")
		    or diag $run->{errors};
	}
	return;
}

# A process that has not come to a handler has no more, however it is broken into.
sub has_one_half {
	my ($world, $title) = @_;
	my ($generation, $client) = ($world->{generation},
	    $world->{daemon}->connect);
	my $limit = sub { Prong::Process::slurp("/proc/$_[0]/limits")
	    =~ /^Max open files +(\d+)/m ? $1 : 'unknown' };
	wait_until { !grep { 2 * $limit->($_) > $limit->($generation) }
	    Prong::Process::children($generation) }
	    'connections to have one half of the descriptors';
	$client->close;
	pass("$title: connections have one half of the server's limit");
	return;
}

sub try_flight {
	my ($count, $least, %settings) = @_;
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    %settings);
	my $daemon = $world->{daemon};
	my $title = "$count with descriptors in flight" . ($settings{limit}
	    ? ", of $settings{limit}" : '');
	my @kept = map { $daemon->connect } 1 .. 10;
	$_->request('GET', '/hostile?do=stat&with=/') for @kept;
	has_one_half($world, $title);
	my $logged = length $daemon->log;
	my ($in_flight, @attackers) = attack($world, $count);
	cmp_ok($in_flight, '>', $least, "$title: $in_flight");
	my $slowest = slowest_move($daemon, @kept);
	like($slowest, qr/\A[\d.e-]+\z/, "$title: all others are handed off");
	cmp_ok($slowest, '<', $patience, "$title: at once");
	diag sprintf '%s: the slowest took %.1f ms', $title, $slowest * 1000
	    if $slowest =~ /\A[\d.e-]+\z/;
	control_works($world, $title, 'status', 'reopen', 'reload');
	is(moves($daemon), '200 200 200', "$title: after the reload, too");
	$world->settle_log;
	unlike($world->log_since({ log => $logged }),
	    qr/cannot|have too many descriptors/, "$title: and nobody waits");
	$_->close for @attackers, @kept;
	$world->{kept}->close;
	is($daemon->stop, 0, "$title: the daemon stops");
	return;
}

# Connections that have been handed off, and stay: the generation has no descriptor
# of theirs, so that they take none from others.
sub try_pinned {
	my (%settings) = @_;
	my $count = 520;
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    limit => 1024, settings => 'max_connections_per_client = 0;',
	    %settings);
	my %before = Prong::Process::descriptors($world->{generation});
	my @held = map { my $client = $world->{daemon}->connect;
	    $client->request('GET', '/known');
	    $client->request('GET', '/hostile?do=stat&with=/'); $client }
	    1 .. $count;
	my %now = Prong::Process::descriptors($world->{generation});
	cmp_ok(keys %now, '<=', keys(%before) + 8, "$count that were handed off "
	    . 'have no descriptor of the generation');
	others_are_served($world, 'beside them others are served');
	$_->close for @held;
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Such a count is the user's: a user of its own leaves other tests alone.
my @own_user = running_as_root ? (user => 64124) : ();
try_flight(1, 1024, @own_user);
try_flight(10, 1024, @own_user);
try_flight(1, 512, @own_user, limit => 1024);
try_pinned();

done_testing;
