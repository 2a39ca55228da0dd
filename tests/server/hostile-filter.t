# A handler that does harm by arguments of permitted calls, by memory, and by
# what the kernel counts for a user as a whole; and honest calls beside it, which
# work as before.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER SO_KEEPALIVE IPPROTO_TCP TCP_NODELAY);
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

my $sanitized = Prong::is_sanitized();
my $abi = Prong::Hostile::landlock_abi();
my $as_root = running_as_root();

my $listener = IO::Socket::INET->new(Listen => 50,
    LocalAddr => '127.0.0.1:0') or die "listen: $!";
my $permitted = IO::Socket::INET->new(Listen => 50,
    LocalAddr => '127.0.0.1:0') or die "listen: $!";
my %words = (port => $listener->sockport, permitted => $permitted->sockport);

sub says {
	my ($text) = @_;
	return { client => $text };
}

# An errno, and the line that names the call.
sub fails {
	my ($errno, $call, $permit) = @_;
	my $words = $permit ? "is not declared; $permit in the handler's "
	    . 'descriptor would permit it' : 'is permitted to no handler';
	return { client => $errno, log =>
	    qr/info: \w+: $call\(0x.*\) fails with \w+: .* $words$/m };
}

# The same where programs may run, which no signal must end.
sub unlogged {
	my ($outcome) = @_;
	return { client => $outcome->{client} };
}

my $jit = 'PRONG_NEEDS_EXECUTABLE_MEMORY';

# Numbers of socket options that Perl does not name.
my %option = (mark => 36, busy_poll => 46, priority => 12, device => 25,
    attach => 26, zerocopy => 60, fast => 30, repair => 19, ulp => 31,
    linger2 => 8, congestion => 13, keepcnt => 6);

# Of every handler.
my @rows = (
	[ 'set_option', SOL_SOCKET . ' ' . SO_LINGER,
	    fails('ENOPROTOOPT', 'setsockopt') ],
	(map { [ 'set_option', SOL_SOCKET . " $option{$_}",
	    fails('ENOPROTOOPT', 'setsockopt') ] }
	    qw(mark busy_poll priority device attach zerocopy)),
	(map { [ 'set_option', IPPROTO_TCP . " $option{$_}",
	    fails('ENOPROTOOPT', 'setsockopt') ] }
	    qw(fast repair ulp linger2 congestion)),
	# IP_OPTIONS, IP_TRANSPARENT, IP_FREEBIND, multicast
	(map { [ 'set_option', "0 $_", fails('ENOPROTOOPT', 'setsockopt') ] }
	    4, 19, 15, 35),
	[ 'set_option', SOL_SOCKET . ' ' . SO_KEEPALIVE, says('set') ],
	[ 'set_option', IPPROTO_TCP . ' ' . TCP_NODELAY, says('set') ],
	[ 'set_option', IPPROTO_TCP . " $option{keepcnt}", says('set') ],

	(map { [ 'set_mode', "$_ 04755", fails('EPERM', $_ eq 'open'
	    || $_ eq 'tmpfile' ? 'open(?:at)?' : $_) ] }
	    qw(fchmod fchmodat open tmpfile creat)),
	[ 'set_mode', 'fchmod 02755', fails('EPERM', 'fchmod') ],
	[ 'set_mode', 'fchmodat2 06755', says('ENOSYS') ],
	[ 'set_mode', 'fchmod 0755', says('set') ],

	# PR_SET_DUMPABLE, PR_SET_PTRACER, PR_SET_MM, PR_SET_MDWE,
	# PR_SET_CHILD_SUBREAPER is harmless without processes.
	[ 'process_option', '4 1', fails('EINVAL', 'prctl') ],
	[ 'process_option', '1499557217 -1', fails('EINVAL', 'prctl') ],
	[ 'process_option', '35 1', fails('EINVAL', 'prctl') ],
	[ 'process_option', '4 0', says('set') ],
	[ 'grow_pipe', 1 << 20, fails('EPERM', 'fcntl') ],
	[ 'lease', '%folder/own/file', fails('EPERM', 'fcntl') ],
	[ 'watch', undef, fails('EMFILE', 'inotify_init1') ],
	[ 'watch_signals', undef, fails('ENOSYS', 'signalfd4') ],
	[ 'watch_peer', undef, fails('ENOPROTOOPT', 'getsockopt') ],
	[ 'watch_child', undef, fails('EINVAL', 'clone') ],
	[ 'code_by_segment', undef, says('ENOSYS') ],
	[ 'code_by_change', 0, says('ENOSYS') ],
	[ 'open_many', 1024, says('at most 1024') ],
	[ 'share_memory', 256, says('ENOMEM'), at => '/small' ],
	[ 'share_file', 256, says('ENOMEM'), at => '/small' ],
	[ 'map_without_reserve', 256, says('ENOMEM'), at => '/small' ],
	[ 'share_memory', 8, says('had'), at => '/small' ],
	[ 'share_file', 8, says('had'), at => '/small' ],
);

# Of one that has declared nothing.
my @plain_rows = (
	[ 'huge', undef, fails('ENOMEM', 'mmap') ],
	[ 'code_at_once', undef, fails('EACCES', 'mmap', $jit) ],
	[ 'code_by_change', -1, fails('EACCES', 'mprotect', $jit) ],
	[ 'code_by_file', 'shared', fails('EACCES', 'mmap', $jit) ],
	[ 'code_by_file', 'private', fails('EACCES', 'mmap', $jit) ],
	[ 'tell_mdwe', undef, says(qr/\A(1|-1)\z/) ],
	[ 'set_option_blocked', SOL_SOCKET . ' ' . SO_LINGER, { client =>
	    'nothing', log => qr/was ended by signal 31 / } ],
	[ 'forge_refusal', 9999, { client => qr/\A(E[A-Z]+|forged|an unknown error)\z/,
	    log => qr/\A/ } ],
	[ 'fork', undef, { client => 'EAGAIN', log => qr{info: route /hostile: fork fails with EAGAIN: processes are not declared; PRONG_NEEDS_PROCESSES in the handler's descriptor would permit it$}m } ],
);

# Of one that has declared the network.
my @network_rows = (
	(map { [ 'make_socket', $_, fails('EAFNOSUPPORT', 'socket') ] }
	    '40 1 0', '40 2 0', '38 5 0', '17 2 0', '17 3 768', '2 3 6',
	    '2 2 1', '10 2 58', '2 1 132', '2 2 136', 
	    '43 1 0', '30 5 0', '44 3 0', '21 5 0', '1 3 0',
	    '2 1 262', '10 1 262'),
	(map { [ 'make_socket', $_, says('made') ] }
	    '2 1 0', '2 1 6', '2 2 17', '10 2 0', '1 1 0'),
	[ 'multipath', '%port', fails('EAFNOSUPPORT', 'socket') ],
	[ 'multipath', '%permitted', fails('EAFNOSUPPORT', 'socket') ],
	[ 'fast_sendto', '%port', fails('EOPNOTSUPP', 'sendto') ],
	[ 'fast_sendmsg', '%port', fails('EOPNOTSUPP', 'sendmsg') ],
	[ 'fast_option', '%port', fails('ENOPROTOOPT', 'setsockopt') ],
	[ 'connect', '%permitted', says('connected') ],
	(map { [ 'look_up', $_, says('found') ] }
	    Prong::knows_localhost() ? 'localhost' : ()),
	[ 'look_up', '127.0.0.1', says('found') ],
	# Quietly, since libc goes on without.
	(map { [ 'make_socket', $_, says('EAFNOSUPPORT') ] } '16 3 0', '16 3 9',
	    '16 3 4', '16 3 16', '16 524290 0'),
	[ 'interfaces', undef, says('EAFNOSUPPORT') ],
	[ 'code_at_once', undef, fails('EACCES', 'mmap', $jit) ],
	[ 'code_by_change', -1, fails('EACCES', 'mprotect', $jit) ],
	[ 'code_by_file', 'shared', fails('EACCES', 'mmap', $jit) ],
	# A gap: no filter tells this file from a library.
	[ 'code_by_file', 'private', says('executed') ],
	[ 'tell_mdwe', undef, says(qr/\A(1|-1)\z/) ],
);

# Of one that makes code.
my @code_rows = (
	[ 'code_at_once', undef, says('executed') ],
	[ 'code_by_change', -1, says('executed') ],
	[ 'tell_mdwe', undef, says(qr/\A(0|-1)\z/) ],
	[ 'huge', undef, fails('ENOMEM', 'mmap') ],
);

# Of one that may start programs: these may make code, and no signal ends them.
my @free_rows = (
	[ 'copy_at_fork', undef, says('EPERM') ],
	[ 'process_option', '36 1', says('EPERM') ],
	[ 'multipath', '%port', says('EAFNOSUPPORT') ],
	[ 'code_at_once', undef, says('executed') ],
);

# Of the first, beside one that may do all: the filter is its own.
my @beside_rows = (
	[ 'code_at_once', undef, says('EACCES') ],
	[ 'code_by_change', -1, says('EACCES') ],
	[ 'code_by_file', 'private', says('EACCES') ],
	[ 'code_at_once', undef, says('executed'), at => '/free' ],
	[ 'copy_at_fork', undef, says('copied') ],
	[ 'copy_at_fork', undef, says('EPERM'), at => '/free' ],
);

sub try_row {
	my ($world, $row) = @_;
	my ($deed, $with, $want, %how) = @$row;
	my $title = "$world->{title}: $deed";
	$title .= " $with" if defined $with;
	$title .= " at $how{at}" if $how{at};
	SKIP: {
		skip "$title: the sanitizers take memory for themselves", 1
		    if $sanitized && $how{at} && $how{at} eq '/small';
		my @wrong = eval { $world->try($deed, $want, with => $with,
		    at => $how{at}) };
		push @wrong, $@ if $@;
		ok(!@wrong, $title) or diag join "\n", @wrong;
	}
}

sub try_world {
	my ($title, $rows, %settings) = @_;
	my $world = Prong::Hostile->start(mode => 'on', words => \%words,
	    title => $title, %settings);
	try_row($world, $_) for @$rows;
	is($world->stop, 0, "$title: the daemon stops");
}

sub without_log {
	return map { my ($deed, $with, $want, @how) = @$_;
	    [ $deed, $with, unlogged($want), @how ] } @_;
}

sub try_all {
	my ($title, %settings) = @_;
	my $port = "port = $words{permitted};";
	try_world("$title hostile", [ @rows, @plain_rows ],
	    handler => 'hostile', %settings);
	try_world("$title hostile_net", [ @rows, @network_rows ],
	    handler => 'hostile_net', options => $port, %settings);
	try_world("$title hostile_jit", \@code_rows,
	    handler => 'hostile_jit', %settings);
	try_world("$title hostile_free", [ without_log(grep {
	    !$_->[3] } @rows), @free_rows ], handler => 'hostile_free',
	    options => $port, %settings);
	try_world("$title hostile beside hostile_free", \@beside_rows,
	    handler => 'hostile', routes => ", { path = \"/free\"; "
	    . "hostile_free = { $port }; }", %settings);
}

SKIP: {
	skip "this kernel has Landlock ABI $abi, which is below 6", 1
	    if $abi < 6;
	try_all('on');
	skip 'the server is an ordinary user\'s already', 1 unless $as_root;
	try_all('an ordinary user\'s', user => 65534);
}
SKIP: {
	skip "this kernel has Landlock ABI $abi", 1 if $abi < 2;
	try_all('abi2', abi => 2);
}

# What the kernel counts for a user, used up by one connection while another
# needs it.
sub hold {
	my ($world, $deed, $said) = @_;
	my $client = $world->send($deed)->{client};
	1 while $client->{got} !~ $said && $client->fill;
	like($client->{got}, $said, "$world->{title}: $deed");
	return $client;
}

sub while_held {
	my ($user) = @_;
	my $who = $user ? 'an ordinary user\'s' : 'on';
	my $world = Prong::Hostile->start(mode => 'on', words => \%words,
	    title => $who, handler => 'hostile', user => $user);
	my $daemon = $world->{daemon};
	my $holder = hold($world, 'queue_signals', qr/queued|none/);
	for my $case ([ '/time?do=sleep', 'max_request_time' ],
	    [ '/cpu?do=loop', 'max_cpu_time' ]) {
		my $answer = $daemon->get($case->[0]);
		is($answer->{status}, 503, "$who: $case->[1] holds while all "
		    . 'pending signals are used up');
		$daemon->wait_log(qr/took more than $case->[1]/);
	}
	$holder->close;
	$world->settle;
	is($world->stop, 0, "$who: the daemon stops");
	unlike($daemon->log, qr/cannot watch the time/,
	    "$who: no timer was missing");
}

sub in_flight {
	my ($user) = @_;
	my $who = $user ? 'an ordinary user\'s' : 'on';
	my $world = Prong::Hostile->start(mode => 'on', words => \%words,
	    title => $who, handler => 'hostile', user => $user);
	my $daemon = $world->{daemon};
	my $holder = hold($world, 'leave_in_flight', qr/in flight/);
	my $client = $daemon->connect;
	is($client->request('GET', '/known')->{status}, 200,
	    "$who: others are served while descriptors are in flight");
	$client->close;
	my $run = Prong::prong('-s', $world->{control}, 'reload');
	is($run->{status}, 0, "$who: and a reload works")
	    or diag $run->{errors};
	is($daemon->get('/known')->{status}, 200, "$who: and serves");
	$holder->close;
	$world->{kept}->close;
	is($daemon->stop, 0, "$who: the daemon stops");
}

# Connections have one half of the descriptors at most, as the limit is that of
# descriptors in flight, too.
sub one_half {
	my ($user) = @_;
	my $world = Prong::Hostile->start(mode => 'on', words => \%words,
	    title => 'few descriptors', handler => 'hostile', user => $user,
	    limit => 1024, routes => ', { path = "/many"; hostile = { }; '
	    . 'max_open_files = 1000; }, { path = "/most"; hostile = { }; '
	    . 'max_open_files = 512; }');
	my $log = $world->{daemon}->log;
	like($log, qr/warning: route \/many: max_open_files is 1000, but .* which is 512 /,
	    'a route that wants more than one half is named');
	unlike($log, qr/route \/most/, 'and none that wants one half');
	for my $path ('/hostile', '/many', '/most') {
		my @wrong = $world->try('open_many',
		    { client => 'at most 512' }, with => 512, at => $path);
		ok(!@wrong, "$path has one half of the descriptors")
		    or diag join "\n", @wrong;
	}
	is($world->stop, 0, 'few descriptors: the daemon stops');
}

# Who ends first without memory.
sub first_to_end {
	my $world = Prong::Hostile->start(mode => 'on', words => \%words,
	    title => 'oom', handler => 'hostile');
	my ($master, $generation, $connection) = map {
	    Prong::Process::slurp("/proc/$_/oom_score_adj") }
	    $world->{daemon}->pid, $world->{generation}, $world->{sibling};
	is($generation, $master, 'the generation ends no earlier than its '
	    . 'master');
	cmp_ok($connection, '>', $generation, 'a connection does')
	    unless $generation >= 1000;
	is($world->stop, 0, 'the daemon stops');
}

# With sandbox = "log" all goes through, and what would not is named.
sub log_mode {
	my ($handler, @cases) = @_;
	my $world = Prong::Hostile->start(mode => 'log', words => \%words,
	    title => "log $handler", handler => $handler, settings =>
	    '', options => "port = $words{permitted};");
	for my $case (@cases) {
		my ($deed, $with, $client, $log, $noticed) = @$case;
		my @wrong = $world->try($deed, { client => $client, log => $log,
		    noticed => $noticed }, with => $with);
		ok(!@wrong, "log $handler: $deed") or diag join "\n", @wrong;
	}
	is($world->stop, 0, "log $handler: the daemon stops");
}

sub would {
	my ($call, $result) = @_;
	return qr/warning: sandbox = "log": process \d+ of route \/hostile: the system call $call\(.*\) would $result/;
}

log_mode('hostile',
	[ 'connect', '%port', 'connected', would('socket', 'end the process: it is not declared; PRONG_NEEDS_NETWORK in the handler\'s descriptor would permit it') ],
	[ 'connect', '%port', 'connected', undef ],
	[ 'set_option', SOL_SOCKET . ' ' . SO_LINGER, 'set',
	    would('setsockopt', 'fail with ENOPROTOOPT') ],
	[ 'set_mode', 'fchmod 04755', 'set', would('fchmod', 'fail with EPERM') ],
	[ 'code_at_once', undef, 'executed', would('mmap', 'fail with EACCES: memory that is executable needs PRONG_NEEDS_EXECUTABLE_MEMORY') ],
	[ 'unknown', 1000, 'ENOSYS', would('unknown', 'fail with ENOSYS') ],
	[ 'execute', '/bin/true', qr/nothing|failed|.*/s, would('execve', 'end the process') ],
	[ 'fork', undef, 'forked', qr/info: route \/hostile: fork fails|\A/ ],
	[ 'thread', undef, qr/.*/s, qr/\A/ ],
	[ 'prong_open', '/etc/passwd', 'opened', qr/warning: hostile of \/hostile: the sandbox would keep \/etc\/passwd from being read/ ],
	[ 'prong_open', '%folder/own/file', 'opened', undef ],
	[ 'stat', '/', 'looked at', undef ],
) unless $sanitized;
log_mode('hostile_net',
	[ 'connect', '%permitted', 'connected', undef ],
	[ 'multipath', '%permitted', qr/connected|E[A-Z]+/,
	    would('socket', 'fail with EAFNOSUPPORT') ],
	[ 'bind', 0, 'bound', would('bind', 'end the process: it is permitted to no handler') ],
) unless $sanitized;

# Such a count is the user's: a user of its own leaves other tests alone.
my $own_user = 64123;
while_held($as_root ? $own_user : 0);
in_flight($as_root ? $own_user : 0);
one_half($as_root ? $own_user : 0);
first_to_end();
done_testing;
