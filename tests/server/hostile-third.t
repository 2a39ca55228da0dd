# What a process shares with others without having asked for it: descriptors and
# memory of its generation, the group of processes, the room in which the last lines
# of all connections lie, places for connections. Whatever a handler does with them,
# nobody else notices.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Config;
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();
my $forger = '203.0.113.9';
my $stamp = qr/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d prongd\[\d+\]: /;

sub says {
	my ($text, %more) = @_;
	return { client => $text, %more };
}

# Calls that end the process, by their numbers (x86_64).
my %fatal = ($Config{archname} =~ /x86_64/ ? (
	acct => 163, bpf => 321, capset => 126, chroot => 161, kcmp => 312,
	keyctl => 250, mknod => 133, mount => 165, name_to_handle_at => 303,
	open_by_handle_at => 304, open_tree => 428, perf_event_open => 298,
	personality => 135, pidfd_getfd => 438, pidfd_open => 434,
	pidfd_send_signal => 424, process_madvise => 440, quotactl => 179,
	setns => 308, swapon => 167, syslog => 103, userfaultfd => 323,
	vhangup => 153,
) : ());

my @rows = (
	# Descriptors that others have, too, or that are of the same open file.
	[ 'lock_descriptors', undef, says('tried') ],
	[ 'turn_descriptors', undef, says('tried'), off =>
	    { skip => 'the generation would get a signal' } ],
	[ 'hide_descriptors', undef, says('tried') ],
	[ 'write_pipes', undef, says('tried') ],
	[ 'wait_descriptors', undef, says('nothing') ],
	[ 'accept_on', undef, says('nothing') ],
	# Memory: MADV_REMOVE, _PAGEOUT, _COLLAPSE, _COLD, _POPULATE_WRITE,
	# _DONTFORK, _DOFORK, _HWPOISON.
	(map { [ 'advise', $_, says(qr/\A(advised|nothing)\z/,
	    log => qr//) ] } 9, 21, 25, 20, 23, 10, 11, 100),
	[ 'lock_memory', undef, says(qr/\A(locked|nothing)\z/) ],
	# Clocks, locks and limits of others.
	[ 'time_other', '%generation', says('timed') ],
	[ 'sleep_other', '%generation', says('slept') ],
	[ 'lend_priority', '%generation', says('ETIMEDOUT') ],
	[ 'read_robust', '%generation', says('EPERM'), off => says(qr/./) ],
	(map { [ 'limit_other', "%generation $_", says(qr/\A(?:ENOSYS|EPERM)\z/), off =>
	    { skip => 'it would be limited' } ] } 5, 10),
	[ 'raise_limits', undef, says('nothing') ],
	[ 'forge_credentials', '%generation', says('EPERM') ],
	# Options of the client's socket: TCP_REPAIR, _ULP, _CONGESTION, _LINGER2,
	# SO_ATTACH_FILTER, _ATTACH_BPF, _BINDTODEVICE, _MARK, _ZEROCOPY.
	(map { [ 'set_option', $_, says('ENOPROTOOPT'),
	    off => says(qr/./) ] } '6 19', '6 31', '6 13', '6 8', '1 26',
	    '1 50', '1 25', '1 36', '1 60'),
	# Of the process: PR_SET_MM, PR_SCHED_CORE, PR_SET_IO_FLUSHER,
	# PR_SET_SYSCALL_USER_DISPATCH, PR_SET_MCE_KILL, PR_SET_SECCOMP.
	(map { [ 'set_process', $_, says('EINVAL'), off =>
	    { skip => 'it may be set' } ] } 35, 62, 57, 59, 33, 22),
	(map { [ 'open_path', $_, says(qr/\A(EACCES|ENOENT)\z/), off =>
	    { skip => 'it may be opened' } ] } '/dev/shm/x', '/dev/mqueue/x',
	    '/proc/self/mem', '/proc/self/oom_score_adj',
	    '/proc/self/coredump_filter', '/dev/tty', '/dev/userfaultfd'),
	# All of the group of processes, by what the kernel sends.
	(map { [ 'signal_group', $_, says('nothing',
	    log => qr/was ended by signal 9/), abi2 => says('EPERM'),
	    off => { skip => 'all would be killed' } ] } '0 9', '1 9'),
	[ 'kill', '0 9', says('nothing', log => qr/was ended by signal 9/),
	    abi2 => says('EPERM'), off => { skip => 'all would be killed' } ],
	# Core files, wherever it may be.
	[ 'dump', '%folder/own', says('nothing',
	    log => qr/was ended by signal 11/) ],
);

my @fatal_rows = map { [ 'unknown', $fatal{$_}, says('500',
    log => qr/the system call $_ is permitted to no handler/) ] }
    sort keys %fatal;

sub try_rows {
	my ($mode, $world, $rows, %how) = @_;
	for my $row (@$rows) {
		my ($deed, $with, $default, %of) = @$row;
		my $want = $of{$mode} || $default;
		my $title = "$mode: $world->{title} $deed " . ($with // '')
		    . ($how{at} ? " at $how{at}" : '');
		SKIP: {
			skip "$title: $want->{skip}", 1 if $want->{skip};
			my @wrong = eval { $world->try($deed, $want,
			    with => $with, %how) };
			push @wrong, $@ if $@;
			ok(!@wrong, $title) or diag join "\n", @wrong;
		}
	}
	return;
}

sub world {
	my ($mode, %settings) = @_;
	return Prong::Hostile->start(mode => $mode, title => 'hostile',
	    handler => 'hostile', $mode eq 'abi2' ? (abi => 2) : (),
	    %settings);
}

sub try_mode {
	my ($mode, %settings) = @_;
	my $world = world($mode, %settings);
	try_rows($mode, $world, \@rows);
	is($world->stop, 0, "$mode: the daemon of $world->{title} stops");
	return;
}

# A line that begins with the client of another, as if it were of a backtrace; and
# one where the client is not the first of the line.
sub try_names {
	my $world = world('on', settings =>
	    'access_log_format = "%t %h \"%r\" %s";');
	my ($path) = $world->text =~ /access_log = "([^"]+)"/;
	for my $text ("[$forger]:1: 400, forged", '[2001:db8::9]:1: 400',
	    "[0x7f] $forger: 400", '[0x7f:1]', '[0x', '[]', '') {
		my $sent = $world->send('forge_line', with => "2 $text");
		is($world->outcome($sent), 'forged', "a frame \"$text\"");
		$world->settle;
		$world->settle_log;
		unlike($world->log_since($sent), qr/^(?!$stamp)/m,
		    'is a line with a process');
	}
	my $date = '[01/Jan/2026:00:00:00 +0000]';
	for my $line ("$date $forger \"GET /\001 HTTP/1.1\" 400",
	    "$date $forger \001 \"GET / HTTP/1.1\" 400",
	    "$forger \001 \"GET / HTTP/1.1\" 400",
	    "$date $forger \"" . 'x' x 2100) {
		$world->outcome($world->send('forge_line', with => "1 $line"));
		$world->settle;
		$world->settle_log;
	}
	my @forged = grep { !m{"GET /hostile} && /\Q$forger/ }
	    split /\n/, read_file($path);
	is("@forged", '', 'no line of the access log has another client');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Memory that two processes can write: none, even when each has made writable what
# it can.
sub writable {
	my ($pid) = @_;
	no warnings 'portable';
	my %pages;
	for (split /\n/, Prong::Process::slurp("/proc/$pid/maps") || '') {
		my ($from, $to, $offset, $file) =
		    /\A(\w+)-(\w+) rw.s (\w+) (\S+ \d+)/ or next;
		my $pages = (hex($to) - hex $from) / 4096;
		$pages{"$file " . (hex($offset) / 4096 + $_)} = 1
		    for 0 .. $pages - 1;
	}
	return \%pages;
}

# The process of a kept connection that a handler of that path has served.
sub process_at {
	my ($world, $path, $held) = @_;
	my $client = $world->{daemon}->connect;
	push @$held, $client;
	$client->request('GET', "$path?do=unprotect");
	my $port = $client->socket->sockport;
	my ($one) = grep { Prong::Process::title($_) =~ /prongd: \S+:$port\z/ }
	    map { $_->{pid} } Prong::Process::all();
	return $one || die "no process for $path";
}

sub try_memory {
	my ($title, %settings) = @_;
	# Who is looked at keeps its process.
	my $world = world('on', %settings, penalty => '2 s',
	    settings => 'park_after = "1 h";');
	my ($held, %whose) = ([]);
	# The sanitizers need more memory than /small has.
	for my $path ('/hostile', '/hostile',
	    Prong::is_sanitized() ? () : '/small',
	    $settings{paths} ? @{$settings{paths}} : ()) {
		my $pages = writable(process_at($world, $path, $held));
		cmp_ok(scalar keys %$pages, '>=', 5,
		    "$title: a process at $path has memory of its own");
		my @others = map { "$_: $whose{$_}" } grep { $whose{$_} }
		    keys %$pages;
		is("@others", '', 'and nobody else can write there');
		$whose{$_} = $path for keys %$pages;
	}
	$_->close for @$held;
	$world->settle;
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Who kills itself has left nothing behind, so its place is used again.
sub try_places {
	my ($mode) = @_;
	my $world = world($mode, settings => 'max_connections = 50;',
	    routes => ', { path = "/free"; hostile_free = { }; }');
	for my $path ('/hostile', '/free') {
		for (1 .. 60) {
			$world->outcome($world->send('kill_itself', with => 9,
			    at => $path));
		}
		$world->settle;
		$world->settle_log;
		my $log = $world->{daemon}->log;
		unlike($log, qr/retired|is replaced/,
		    "$mode: at $path nobody's place is lost");
		my ($pid) = $log =~ /process (\d+) of \S+ was ended by signal 9/;
		ok($pid, 'and it is told');
	}
	is(join("\n", $world->noticed), '', 'others notice nothing');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Nor is it lost when the process takes back by what limits it has told of its first
# handler. RLIMIT_RSS and RLIMIT_LOCKS are 5 and 10.
sub try_lowered_places {
	my ($mode) = @_;
	my $world = world($mode, settings => 'max_connections = 50; '
	    . 'log_level = "debug";', words => {},
	    routes => ', { path = "/free"; hostile_free = { }; }, '
	    . '{ path = "/threads"; hostile_threads = { }; }, '
	    . '{ path = "/fresh"; fresh = true; hostile = { }; }');
	for my $path ('/hostile', '/threads', '/fresh', '/free') {
		my $said = length $world->{daemon}->log;
		for my $limits ('5', '10', '5 10') {
			$world->outcome($world->send('lower_and_kill',
			    with => $limits, at => $path));
			$world->settle;
		}
		$world->settle_log;
		my $log = substr $world->{daemon}->log, $said;
		is(scalar(() = $log =~ /is retired/g), 0, "$mode: at $path "
		    . 'no place is lost by limits that sink');
		is(scalar(() = $log =~ /was ended by signal 9/g), 3,
		    'and each end is told');
	}
	is($world->stop, 0, 'the daemon stops');
	return;
}

# The generation records a request whose process could not; when it began is
# that process's word.
sub try_begin {
	my $world = world('on', settings => 'access_log_format = "%s %D %t";');
	my ($path) = $world->text =~ /access_log = "([^"]+)"/;
	for my $begin ('-9223372036854775808', '9223372036854775807', -1,
	    4102444800) {
		$world->outcome($world->send('claim_begin', with => $begin));
		$world->settle;
	}
	$world->settle_log;
	my $year = 1900 + (gmtime)[5];
	my @recorded = read_file($path) =~ m{^(500 .*)$}mg;
	is(scalar @recorded, 4, 'requests without an answer are recorded');
	is(join("\n", grep { !m{\A500 0 \[\d\d/\w+/$year:} } @recorded), '',
	    'and none of another time');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# Its page and its ring change while others read them: the status, the generation
# and the log process.
sub try_race {
	my $world = world('on', handler => 'hostile_threads',
	    settings => 'gone_grace = "60 s";');
	my @sent = map { $world->send('race', with => 1500) } 1 .. 3;
	my $until = time + 1.5;
	my @wrong;
	while (time < $until) {
		push @wrong, $world->honest;
		my $answer = $world->{daemon}->get('/status?format=json');
		push @wrong, "the status is $answer->{status}"
		    unless $answer->{status} == 200;
		$world->settle_log;
	}
	push @wrong, map { $_ ne 'nothing' ? "the client got \"$_\"" : () }
	    map { $world->outcome($_) } @sent;
	$world->settle;
	push @wrong, $world->noticed;
	is(join("\n", @wrong), '', 'who changes what others read harms nobody');
	is($world->stop, 0, 'the daemon stops');
	unlike($world->{daemon}->log, qr/log process \d+ was ended/,
	    'and the log process was not ended');
	return;
}

# What the children of a process have cost that it has waited for: page faults.
sub faults_of_ended {
	my ($pid) = @_;
	my $text = Prong::Process::slurp("/proc/$pid/stat") || '';
	return (split ' ', $text =~ s/.*\)//sr)[8];
}

# Whether no process of the generation has ended for a moment.
sub is_quiet {
	my ($world) = @_;
	my $before = faults_of_ended($world->{generation});
	sleep 1;
	return faults_of_ended($world->{generation}) == $before;
}

# Who goes on in one process after the other ends when its client has gone, and
# when the server stops. A socket of TCP that was reset ends it anyway.
sub try_rounds {
	my ($mode) = @_;
	my $path = folder('sockets') . "/$mode";
	my $world = world($mode, settings => 'gone_grace = "1 s"; '
	    . 'stop_grace = "1 s"; listen = [ '
	    . "\"127.0.0.1:0\", \"unix:$path\" ];");
	my @rounds = map { my $client = Prong::Client->new("unix:$path");
	    $client->send("GET /hostile?do=go_round HTTP/1.1\r\n"
	    . "Host: x\r\n\r\n"); $client } 1 .. 3;
	ok(!is_quiet($world), "$mode: it goes on without a request");
	$_->close for @rounds;
	ok(eval { wait_until { is_quiet($world) } 'the last process'; 1 },
	    'until its client has gone') or diag $@;
	is(join("\n", $world->noticed), '', 'others notice nothing');
	@rounds = map { $world->send('go_round') } 1 .. 5;
	$world->{kept}->close;
	is($world->{daemon}->stop, 0, 'the daemon stops');
	$_->{client}->close for @rounds;
	return;
}

# Many end at one time, each with a ring that is full of the shortest lines. Others
# end meanwhile, each with one line.
sub try_last_lines {
	my $many = 100;
	my $world = world('on', settings => 'max_connections_per_client = 0;');
	my ($path) = $world->text =~ /access_log = "([^"]+)"/;
	my $until = int(time) + 6;
	my @sent = map { $world->send('end_full', with => $until) } 1 .. $many;
	sleep $until - time if time < $until;
	my ($honest, $unserved) = (0, 0);
	for ($until = time + 3; time < $until; $honest++) {
		my $client = $world->{daemon}->connect;
		$unserved++ unless eval { $client->request('GET', '/honest') };
		$client->close;
	}
	is($unserved, 0, 'others have responses meanwhile');
	is(scalar(grep { $world->outcome($_) eq 'nothing' } @sent), $many,
	    'many end with a full ring');
	$world->settle;
	$world->settle_log;
	my $lines;
	eval { wait_until {
		($lines = () = read_file($path) =~ m{"GET /honest }g) == $honest
	} };
	is($lines, $honest, 'and no line of others is lost');
	is(join("\n", $world->honest), '', 'others notice nothing');
	is($world->stop, 0, 'the daemon stops');
	return;
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : 2);
		try_mode($mode);
		try_mode($mode, user => 65534, title => 'an ordinary user\'s')
		    if running_as_root && $mode eq 'on';
		try_places($mode);
		try_lowered_places($mode);
		try_rounds($mode);
	}
}
SKIP: {
	skip "this kernel has Landlock ABI $abi, which is below 6", 1
	    if $abi < 6;
	my $world = world('on');
	try_rows('on', $world, \@fatal_rows);
	is($world->stop, 0, 'the daemon stops');
	$world = world('on', routes =>
	    ', { path = "/hostile/fresh"; fresh = true; hostile = { }; }');
	try_rows('on', $world, [ grep { $_->[0] =~
	    /descriptors|advise|lend|limit|signal|dump/ } @rows ],
	    at => '/hostile/fresh');
	is($world->stop, 0, 'the daemon of fresh routes stops');
}
SKIP: {
	skip 'the sanitizers end its search for the ring', 1
	    if Prong::is_sanitized();
	try_names();
	try_race();
	try_begin();
	try_last_lines() if $abi >= 2;
}
SKIP: {
	skip 'other users cannot look at the memory of processes', 1
	    unless running_as_root;
	try_memory('usual routes');
	try_memory('a fresh route', paths => [ '/hostile/fresh', '/hostile/fresh', '/free' ],
	    routes => ', { path = "/hostile/fresh"; fresh = true; hostile = { }; }, '
	    . '{ path = "/free"; hostile_free = { }; }');
}

done_testing;
