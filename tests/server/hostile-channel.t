# What a connection shares with its generation: the hand-off socket, the tie, and
# for a moment the client's socket. Whatever a handler does with them, others are
# served at once, are handed off, and stay connected.
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

my $foreign = qr/has handed off what is not its connection/;
my $unread = qr/cannot read the octets of the handoff/;
my $nothing = qr/\A(nothing|reset)\z/;

my @rows = (
	(map { [ 'shut_handoff', $_, 'shut' ] } 0, 1, 2),
	[ 'fill_handoff', 0, $nothing, qr/ended by its handler, with status 0/ ],
	[ 'fill_handoff', 7, $nothing, $foreign ],
	[ 'empty_handoff', undef, $nothing, $foreign ],
	[ 'confuse', '/status', $nothing, $foreign ],
	[ 'confuse', '/other/file', $nothing, $foreign ],
	[ 'hand_over', '/other/file', 'other' ],
	[ 'hand_off_twice', undef, qr/\S/ ],
	[ 'strange_octets', 'pipe', $nothing, $unread ],
	[ 'strange_octets', 'handoff', $nothing, $unread ],
	[ 'strange_octets', 1_000_000_000_000, $nothing, $unread ],
	(map { [ 'forge_facts', $_, $nothing, $foreign ] }
	    8, 272, 280, 4096),
	[ 'write_tie', 'here', 'EINVAL' ],
	[ 'write_tie', 'again', qr/\AE(NXIO|ACCES|NOENT)\z/ ],
	[ 'read_tie', undef, 'EINVAL' ],
	(map { [ 'shut_tie', $_, 'ENOTSOCK' ] } 0, 2),
);

# A connection that lies in a queue, or that only its process has, must keep
# nobody who closes it.
sub try_linger {
	my ($world) = @_;
	my @attacks = ([ 'linger_and_exit', $long ],
	    map { [ 'linger_in_queue', "$long $_" ] } 0, 7);
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

# The porter holds what is handed off, and nothing for connections that ended.
sub is_tidy {
	my ($world) = @_;
	my ($porter) = grep { Prong::Process::title($_) =~ /porter/ }
	    Prong::Process::helpers($world->{generation});
	wait_until {
		my %open = Prong::Process::descriptors($porter);
		return (grep { /\Asocket:/ } values %open)
		    <= 1 + Prong::Process::children($world->{generation});
	} 'the porter\'s end of all queues but those of living connections';
	pass("$world->{title}: the porter closes the queues of ended ones");
	return;
}

# Descriptors in flight are counted for the user. Whoever is handed off meanwhile
# waits, and is told when it is in vain.
sub try_flight {
	my ($world) = @_;
	my $flying = $world->send('fly', with => 30000)->{client};
	$flying->fill until $flying->{got} =~ m{flying};
	my $client = $world->{daemon}->connect;
	$client->request('GET', '/known');
	my $answer = eval { $client->request('GET', '/other/file') };
	$world->{daemon}->wait_log(qr/cannot go on in another process: /)
	    unless $answer;
	pass("$world->{title}: who cannot be handed off is told of in the log");
	$flying->close;
	wait_until { moves($world->{daemon}) eq '200 200 200' }
	    'the end of what was in flight';
	return;
}

sub try_mode {
	my ($mode, %settings) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    title => $settings{user} ? "$mode, an ordinary user" : $mode,
	    %settings);
	try_row($world, $_) for @rows;
	try_linger($world);
	try_flight($world);
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
		    with => $long)->{client};
		shift(@held)->close if @held > 20;
	}
	others_are_served($world, 'a race for the last close is won by nobody');
	$_->close for @held;
	is($world->stop, 0, 'the daemon stops');
}

done_testing;
