# A handler that holds on to what outlives its process, or to what others wait
# for: pages in the queue of a socket, the socket that was accepted, threads,
# signals and wakes. Nobody else notices anything, and nobody is kept busy.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Config;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();
my $secret = 'token-of-a-neighbour';
my $moved_secret = 'token-of-one-who-moved';

sub says {
	my ($text, %more) = @_;
	return { client => $text, %more };
}

# Calls that no handler can make, by their numbers (x86_64), because they would
# wait for the disk of all, change how others are scheduled, take what the kernel
# counts for all, or reach other memory.
my %calls = ($Config{archname} =~ /x86_64/ ? (
	sync => 162, syncfs => 306, io_setup => 206, setpriority => 141,
	sched_setaffinity => 203, sched_setscheduler => 144,
	sched_setattr => 314, ioprio_set => 251, remap_file_pages => 216,
	fanotify_init => 300, memfd_secret => 447, process_mrelease => 448,
	landlock_create_ruleset => 444, mq_open => 240, semget => 64,
	msgget => 68, shmget => 29, move_pages => 279, migrate_pages => 256,
	mbind => 237, set_mempolicy => 238, vmsplice => 278,
	futex_waitv => 449, futex_wake => 454, futex_requeue => 456,
	setxattr => 188, fsetxattr => 190, modify_ldt => 154, clone3 => 435,
	mseal => 462, uselib => 134, ustat => 136, sysfs => 139,
	file_setattr => 469, setns_by_x32 => 0x40000000 + 308,
) : ());

my @rows = (
	[ 'set_class', 16, says('ENOPROTOOPT', off => 'set') ],
	[ 'command', 1024, says('EPERM', off => qr/./) ], # F_SETLEASE
	[ 'command', 1026, says('EPERM', off => qr/./) ], # F_NOTIFY
	[ 'command', 1031, says('EPERM', off => qr/./) ], # F_SETPIPE_SZ
	[ 'command', 1040, says('EPERM', off => qr/./) ], # F_SETDELEG
	[ 'command', 999999, says('EPERM', off => qr/./) ],
	[ 'command', 3, says('obeyed') ],
	[ 'claim_time', 1200, says('claimed') ],
	# All processes, and all processors.
	(map { [ 'storm', "$_ 300", says(qr/\A(raged|EPERM|EINVAL)\z/) ] }
	    0 .. 4),
	[ 'end_slowly', 300, says('nothing', log => qr/with status 0/) ],
	map { [ 'unknown', $calls{$_}, says($_ =~ /x32/
	    ? qr/\A(nothing|ENOSYS|500)\z/ : 'ENOSYS', off => qr/./,
	    name => $_, log => $_ =~ /x32/ ? qr// : undef) ] }
	    sort keys %calls,
);

sub try_row {
	my ($mode, $world, $row) = @_;
	my ($deed, $with, $want) = @$row;
	my $title = "$mode: $deed " . ($want->{name} // $with);
	$want = { %$want, client => $want->{off} }
	    if $mode eq 'off' && $want->{off};
	my @wrong = eval { $world->try($deed, $want, with => $with) };
	push @wrong, $@ if $@;
	ok(!@wrong, $title) or diag join "\n", @wrong;
	return;
}

# A request of which the log speaks, and nobody else may.
sub request_secret {
	my ($world) = @_;
	my $client = $world->{daemon}->connect;
	$client->request('GET', "/known?$secret");
	return $client;
}

# The memory of a ring lies in the queue of a client that does not read until
# others have had the slot.
sub try_live_pages {
	my ($mode, $world) = @_;
	my $sent = $world->send('leave_ring');
	$world->settle;
	my @others = map { request_secret($world) } 1 .. 5;
	my $got = $sent->{client}->rest;
	$_->close for @others, $sent->{client};
	$world->settle;
	unlike($got, qr/\Q$secret/, "$mode: the ring of a process that has "
	    . 'ended shows nothing of those that follow');
	like($got, qr/ENOSYS/, 'as its pages cannot be given away');
	return;
}

# Other connections, in slots behind that of the hostile one, have a secret in
# their log lines, and one in the memory by which they were handed off.
sub try_growth {
	my ($mode) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    $mode eq 'abi2' ? (abi => 2) : ());
	my $first = $world->{daemon}->connect;
	$first->request('GET', '/known');
	my @others = map { request_secret($world) } 1 .. 8;
	$_->request('GET', "/other/file?$moved_secret") for @others;
	$first->close;
	$world->{children} += @others;
	$world->settle;
	for my $row ([ $secret, 'the lines of others' ],
	    [ $moved_secret, 'what others have left for a next process' ]) {
		is($world->outcome($world->send('grow_all',
		    with => scalar reverse $row->[0])), 'nothing',
		    "$mode: no mapping grows to $row->[1]");
		$world->settle;
	}
	$_->close for @others;
	$world->{children} -= @others;
	$world->settle;
	is($world->stop, 0, "$mode: the daemon stops");
	return;
}

# How often a process has given up the processor because it had to wait, so how
# often it was woken.
sub wakes {
	my ($pid) = @_;
	my ($count) = (Prong::Process::slurp("/proc/$pid/status") || '')
	    =~ /^voluntary_ctxt_switches:\s+(\d+)/m;
	return $count || 0;
}

sub named {
	my ($world, $name) = @_;
	my ($pid) = grep { Prong::Process::title($_) =~ /\Q$name/ }
	    Prong::Process::helpers($world->{generation});
	return $pid;
}

# What the kernel tells others without rest, as the process wants it.
sub try_wakes {
	my ($mode, $world) = @_;
	my %whom = (generation => $world->{generation},
	    porter => named($world, ': porter'));
	for my $deed ([ 'stop_and_go', 500, qr/\Astopped\z/ ]) {
		my %before = map { $_ => wakes($whom{$_}) } keys %whom;
		my $sent = $world->send($deed->[0], with => $deed->[1]);
		like($world->outcome($sent), $deed->[2],
		    "$mode: $deed->[0] $deed->[1]");
		my @woken = map { "$_: " . (wakes($whom{$_}) - $before{$_}) }
		    grep { wakes($whom{$_}) - $before{$_} > 100 } keys %whom;
		is("@woken", '', 'wakes nobody');
	}
	$world->settle;
	is(join("\n", $world->noticed), '', 'and nobody notices');
	return;
}

# Threads that wait for the word by which the log process is woken are woken with
# it, by whoever writes a line.
sub try_crowd {
	my $world = Prong::Hostile->start(mode => 'on',
	    handler => 'hostile_threads');
	my $median = sub { my @times = sort { $a <=> $b } map { my $began = time;
	    $world->honest; time - $began } 1 .. 21; return $times[10] };
	my $without = $median->();
	my $client = $world->send('crowd_word', with => 2000)->{client};
	1 while $client->{got} !~ /\d+ threads|no word/ && $client->fill;
	like($client->{got}, qr/[1-9]\d* threads/, 'threads wait for a word');
	# Other work of the machine may begin between the two.
	cmp_ok($median->(), '<', 0.5 + 5 * $without,
	    'half of the others do not wait for them');
	$client->close;
	$world->settle;
	is(join("\n", $world->noticed), '', 'and nobody notices');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# A child of the guardian, with a signal of its own at its end; and a group that
# is another's.
sub try_relatives {
	my $world = Prong::Hostile->start(mode => 'on',
	    handler => 'hostile_free');
	for my $row ((map { [ 'give_child', $_, 'given' ] } 0, 9, 17, 19),
	    map { [ 'join_group', "%$_", 'joined' ] }
	    qw(generation master sibling)) {
		my @wrong = $world->try($row->[0], says($row->[2]),
		    with => $row->[1]);
		ok(!@wrong, "$row->[0] $row->[1] is nobody's trouble")
		    or diag join "\n", @wrong;
	}
	is($world->stop, 0, 'the daemon stops');
	return;
}

# A listener that a broken process may connect to, and where it would read the
# answer of another route, in the name of its client.
sub try_reconnection {
	my ($mode) = @_;
	my $listener = IO::Socket::INET->new(Listen => 5,
	    LocalAddr => '127.0.0.1') or die "listen: $!";
	my $world = Prong::Hostile->start(mode => $mode,
	    handler => 'hostile_net', hidden => 1,
	    options => 'port = ' . $listener->sockport . ';');
	my $sent = $world->send('reconnect',
	    with => $listener->sockport . ' /other/file');
	my $peer = $listener->accept;
	my $got = '';
	1 while sysread $peer, $got, 4096, length $got;
	is($got, '', "$mode: the accepted socket with another peer is not "
	    . 'served');
	$world->{daemon}->wait_log(
	    qr/that was handed off has another peer, or none any more/);
	$sent->{client}->close;
	$world->settle;
	is(join("\n", $world->noticed), '', 'others notice nothing');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# A user with few processes: one connection starts all that it can.
sub try_threads {
	my ($handler) = @_;
	my $run = write_file('limited', "#!/bin/sh\n"
	    . "exec prlimit --nproc=400:400 '$ENV{PRONGD}' \"\$@\"\n");
	chmod 0755, $run;
	local $ENV{PRONGD} = $run;
	my $world = Prong::Hostile->start(mode => 'on', handler => $handler,
	    user => 64300 + $$ % 1000);
	my $client = $world->send('start_many', with => 2000)->{client};
	1 while $client->{got} !~ /(\d+) threads/ && $client->fill;
	my ($count) = $client->{got} =~ /(\d+) threads/;
	cmp_ok($count, '<', 200, "$handler: one half is for others");
	cmp_ok($count, '>', 100, 'and the rest can be had');
	is(join("\n", $world->honest), '', 'so new connections are served');
	is($world->outcome($world->send('fork')), 'EAGAIN',
	    'but their handlers can start none') if $handler eq 'hostile_free';
	$client->close;
	$world->settle;
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Where the process has no main thread any more, its limit of time holds, too.
sub try_main_thread {
	my $world = Prong::Hostile->start(mode => 'on',
	    handler => 'hostile_threads');
	my $sent = $world->send('leave_main_thread', at => '/time');
	$world->outcome($sent);
	$world->settle;
	is(join("\n", $world->noticed), '', 'who leaves its main thread ends, '
	    . 'and others notice nothing');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# What a process has written to standard error is in the log, however it ends,
# where a guardian is left to read it.
sub try_last_words {
	my ($mode) = @_;
	my $world = Prong::Hostile->start(mode => $mode,
	    handler => 'hostile_free');
	for my $end ([ 'exit', 0 ], [ 'SIGKILL', 9 ], [ 'SIGTERM', 15 ]) {
		my @wrong = $world->try('say_and_end', says('nothing',
		    log => qr/info: stderr: the last words$/m),
		    with => $end->[1]);
		ok(!@wrong, "$mode: last words before $end->[0] are logged")
		    or diag join "\n", @wrong;
	}
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Lines of JSON that a reader would take for another client's.
sub try_json {
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    settings => 'access_log_format = "json";');
	my ($path) = $world->text =~ /access_log = "([^"]+)"/;
	for my $forged ('"client":"192.0.2.9"',
	    "\"client\":\"\001\",\"\\u0063lient\":\"192.0.2.9\"",
	    "\"client\":\"\001\",\"Client\":\"192.0.2.9\"",
	    "\"client\":\"\001\",\"user\":{\"client\":\"192.0.2.9\"}") {
		my @wrong = $world->try('forge_line', { client => 'forged',
		    log => qr/not of its format was dropped|\A/ },
		    with => "1 {$forged}");
		push @wrong, 'it is in the log'
		    if read_file($path) =~ /^\{[^\n]*192\.0\.2\.9[^\n]*\}$/m
		    && read_file($path) !~ /forge_line.*192/;
		push @wrong, "forged: $1" if read_file($path)
		    =~ /^(\{"client".*)$/m;
		(my $title = "$forged is not logged") =~ tr/\001/_/;
		ok(!@wrong, $title) or diag join "\n", @wrong;
	}
	is($world->stop, 0, 'the daemon stops');
	return;
}

sub try_mode {
	my ($mode) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    $mode eq 'abi2' ? (abi => 2) : ());
	try_row($mode, $world, $_) for @rows;
	try_wakes($mode, $world);
	SKIP: {
		skip 'without a sandbox memory is not kept', 5
		    if $mode eq 'off';
		skip 'the sanitizers end its search for the ring', 5
		    if Prong::is_sanitized();
		try_live_pages($mode, $world);
		try_growth($mode);
	}
	is($world->stop, 0, "$mode: the daemon stops");
	return;
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : 2);
		try_mode($mode);
	}
}
try_reconnection($_) for 'on', $abi >= 2 ? 'off' : ();
SKIP: {
	skip 'the limit of processes is that of another user', 1
	    unless running_as_root;
	skip 'there is no prlimit or setpriv', 1
	    if system 'prlimit --version >/dev/null 2>&1'
	    and system 'setpriv --version >/dev/null 2>&1';
	try_threads($_) for 'hostile_threads', 'hostile_free';
}
try_main_thread();
SKIP: {
	skip 'the sanitizers end its search for the word', 1
	    if Prong::is_sanitized();
	try_crowd();
}
try_relatives() if $abi >= 6;
try_last_words($_) for $abi >= 6 ? 'on' : (), 'off';
SKIP: {
	skip 'the sanitizers end its search for the ring', 1
	    if Prong::is_sanitized();
	try_json();
}

done_testing;
