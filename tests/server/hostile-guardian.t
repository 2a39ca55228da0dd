# Processes that a hostile handler starts: they end with its connection, however
# they were started and however the connection ends; and nobody but the guardian
# of that connection is the worse for it.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Fcntl qw(:flock);
use JSON::PP qw(decode_json);
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use Prong qw(folder wait_until write_file);
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();
my $number = 0;

# The processes of that name, zombies not among them.
sub named {
	my ($name) = @_;
	return grep { (Prong::Process::slurp("/proc/$_->{pid}/comm") || '')
	    eq "$name\n" } grep { $_->{state} !~ /\A[ZX]\z/ }
	    Prong::Process::all();
}

sub new_name {
	return sprintf 'p%d.%d', $$, ++$number;
}

sub world {
	my ($mode, %settings) = @_;
	return Prong::Hostile->start(mode => $mode,
	    handler => 'hostile_free', $mode eq 'abi2' ? (abi => 2) : (),
	    %settings);
}

# Sends the deed, and waits until its processes are there.
sub escape {
	my ($world, $kind, $count, $end, %how) = @_;
	my $name = new_name();
	my $sent = $world->send('escape', with => argument($name, $kind,
	    $count, $end, $world->{control}), %how);
	return ($name, $sent);
}

sub argument {
	my ($name, $kind, $count, $end, @more) = @_;
	return "$name $kind $count $end " . write_file("own/$name", '')
	    . " @more";
}

# Each of the processes shares a lock of the file, however short it lives.
sub lives {
	my ($name) = @_;
	open my $file, '<', folder('own') . "/$name" or die "own/$name: $!";
	return !flock $file, LOCK_EX | LOCK_NB;
}

sub gone {
	my ($name, $what) = @_;
	wait_until { !lives($name) } "the end of $what";
	unlink folder('own') . "/$name";
	return;
}

my @kinds = ([ chain => 8 ], [ fast => 2 ], [ vforks => 2 ], [ daemon => 40 ],
    [ deaf => 20 ], [ subreaper => 4 ], [ waker => 4 ], [ zombies => 2 ],
    [ threads => 3 ], [ clones => 5 ], [ stopped => 5 ]);
my @ends = qw(return exit crash kill);

# Each kind by a plain return, and one kind by each other end.
sub try_kinds {
	my ($mode, $world) = @_;
	for ((map { [ @$_, 'return' ] } @kinds), (map { [ chain => 4, $_ ],
	    [ deaf => 4, $_ ] } @ends[1 .. $#ends])) {
		my ($kind, $count, $end) = @$_;
		my ($name, $sent) = escape($world, $kind, $count, $end);
		$world->outcome($sent);
		my @wrong = eval { gone($name, 'all'); () };
		push @wrong, $@ if $@;
		push @wrong, $world->noticed;
		ok(!@wrong, "$mode: $world->{title}: $count of kind \"$kind\" "
		    . "end with a connection that ends by \"$end\"")
		    or diag join "\n", @wrong;
	}
}

# While the connection lives, they may, too.
sub try_kept {
	my ($mode, $world) = @_;
	my $name = new_name();
	my $client = $world->{daemon}->connect;
	my $answer = $client->request('GET', '/hostile?do=escape&with='
	    . Prong::Hostile::escape(argument($name,
	    qw(daemon 5 return))));
	is($answer->{body}, "left\n", "$mode: a kept connection has daemons");
	wait_until { named($name) == 6 } 'the daemons, and the handler';
	is($client->request('GET', '/hostile?do=stat&with=/')->{status}, 200,
	    "$mode: and goes on beside them");
	ok(eval { wait_until { named($name) == 6 } 'they'; 1 },
	    "$mode: and they beside it");
	# Reset, not closed.
	setsockopt $client->socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
	close $client->socket;
	ok(eval { gone($name, 'daemons'); 1 }, "$mode: they end when the "
	    . 'client resets the connection') or diag $@;
	return;
}

# A request for a route with other rules goes to another process, and what the
# handlers of the first have started does not.
sub try_handoff {
	my ($mode, $world) = @_;
	my $name = new_name();
	my $client = $world->{daemon}->connect;
	$client->request('GET', '/hostile?do=escape&with='
	    . Prong::Hostile::escape(argument($name, qw(deaf 5 return))));
	ok(lives($name), "$mode: processes live beside a kept connection");
	is($client->request('GET', '/other/file')->{body}, "other\n",
	    "$mode: which goes on in another process");
	ok(eval { gone($name, 'all'); 1 }, "$mode: and they end with the first")
	    or diag $@;
	is($client->request('GET', '/other/file')->{status}, 200,
	    "$mode: the connection lives on");
	$client->close;
	return;
}

# What would be done to the guardian.
sub try_guardian {
	my ($mode, $world) = @_;
	my %want = (trace => '500', limit => 'ENOSYS', priority => 'ENOSYS',
	    memory => 'EACCES', pipe => 'sent', group => 'EPERM');
	$want{pipe} = 'EPERM' if $mode eq 'abi2';
	for my $deed (9, 19, 15, 0, qw(thread queue group trace limit priority
	    memory pipe)) {
		my $sent = $world->send('touch_guardian', with => $deed);
		is($world->outcome($sent), $want{$deed} || 'EPERM', "$mode: "
		    . "$world->{title}: \"$deed\" does nothing to the "
		    . 'guardian');
		$world->settle;
	}
}

sub parent_of {
	my ($pid) = @_;
	my $stat = Prong::Process::stat_of($pid);
	return $stat ? $stat->{parent} : 0;
}

# A handler that stays, and processes that a signal does not end; the guardian
# is killed from outside.
sub try_killed_guardian {
	my ($mode, $world) = @_;
	for my $kind (qw(daemon deaf chain fast)) {
		my ($name, $sent) = escape($world, $kind, 4, 'untied');
		my ($handler) = wait_until { my ($one) = grep {
		    parent_of($_->{parent}) == $world->{generation} }
		    named($name); $one } 'the handler';
		ok(lives($name), "$mode: processes live");
		kill 'KILL', $handler->{parent};
		ok(eval { gone($name, 'all'); 1 }, "$mode: $world->{title}: "
		    . "the handler and \"$kind\" end when the guardian is "
		    . 'killed') or diag $@;
		$world->settle;
		my @wrong = $world->noticed;
		ok(!@wrong, "$mode: and nobody else") or diag join "\n", @wrong;
	}
}

sub try_mode {
	my ($mode, %settings) = @_;
	my $world = world($mode, %settings);
	try_kinds($mode, $world);
	try_kept($mode, $world);
	# Without a sandbox one process serves all routes.
	try_handoff($mode, $world) if $mode ne 'off';
	try_guardian($mode, $world) if $mode ne 'off';
	try_killed_guardian($mode, $world);
	is($world->stop, 0, "$mode: the daemon of $world->{title} stops");
}

# More than a page of the kernel's list of children, which those of a worker are
# not.
sub try_many {
	my ($mode) = @_;
	my $world = world($mode, title => 'many', settings => 'workers = 0; max_processes = 0; '
	    . 'max_connections_per_client = 1000;');
	my @others = map { $world->{daemon}->connect } 1 .. 600;
	wait_until { $world->{daemon}->connections >= 601 } 'connections';
	my ($name, $sent) = escape($world, 'daemon', 300, 'return');
	$world->outcome($sent);
	ok(eval { gone($name, 'all'); 1 }, "$mode: 300 daemons beside 600 "
	    . 'connections end') or diag $@;
	$_->close for @others;
	is($world->stop, 0, "$mode: that daemon stops");
}

# Over the ceiling.
my $ended = qr{error: route /hostile: the handlers of the connection of }
    . '127\.0\.0\.1:\d+ have started \d+ processes, and max_processes is 10: '
    . 'all are ended\n';

sub try_ceiling {
	my ($mode) = @_;
	my $world = world($mode, title => 'few', settings => 'max_processes = 10;');
	my ($name, $sent) = escape($world, 'daemon', 9, 'return');
	is($world->outcome($sent), 'left', "$mode: 9 processes are permitted");
	gone($name, 'them');
	$world->settle_log;
	unlike($world->log_since($sent), qr/max_processes/,
	    "$mode: and not reported");
	for my $kind (qw(daemon deaf zombies subreaper)) {
		($name, $sent) = escape($world, $kind, 11, 'stay');
		my $got = $world->outcome($sent);
		like($got, qr/\A(cut|nothing)\z/, "$mode: 11 of kind \"$kind\" "
		    . 'end the connection');
		ok(eval { gone($name, 'all'); 1 }, "$mode: and all of them")
		    or diag $@;
		ok(eval { wait_until { $world->log_since($sent) =~ $ended }
		    'the line'; 1 }, "$mode: which the log says")
		    or diag $world->log_since($sent);
		$world->settle;
	}
	my @wrong = $world->noticed;
	ok(!@wrong, "$mode: nobody else notices") or diag join "\n", @wrong;
	is($world->stop, 0, "$mode: that daemon stops");
}

# The server stops, is killed, or goes on in another process, while a handler is
# at work that ends for nobody.
sub try_ends {
	my ($mode, %more) = @_;
	my %settings = (%more, settings => 'stop_grace = "500 ms"; '
	    . 'drain_timeout = "500 ms";');
	my %end = (
		stops => sub {
			my $began = time;
			is($_[0]->{daemon}->stop, 0, "$mode: the server stops");
			cmp_ok(time - $began, '<=', 15, "$mode: in time");
		},
		'stops at once' => sub {
			Prong::prong('-s', $_[0]{control}, 'stop', '--now');
			ok(eval { $_[0]->{daemon}->wait; 1 },
			    "$mode: the server stops at once") or diag $@;
		},
		'is killed' => sub { $_[0]->{daemon}->stop('KILL') },
		reloads => sub {
			is(Prong::prong('-s', $_[0]{control}, 'reload')
			    ->{status}, 0, "$mode: the server reloads");
		},
	);
	for my $what (sort keys %end) {
		for my $kind (qw(fast deaf)) {
			my $world = world($mode, title => "a server that $what",
			    %settings);
			my ($name, $sent) = escape($world, $kind, 3, 'untied');
			wait_until { named($name) } 'the handler';
			$end{$what}->($world);
			ok(eval { gone($name, 'all'); 1 }, "$mode: handler and "
			    . "\"$kind\" end when the server $what")
			    or diag $@;
			$world->{daemon}->stop if $what eq 'reloads';
		}
	}
}

# Limits of time end all of them, also where the handler blocks the signal.
sub try_time {
	my ($mode) = @_;
	my $own = folder('own');
	my $world = world($mode, title => 'a handler with a limit of time',
	    routes => ", { path = \"/timed\"; hostile_free = { own = \"$own\"; "
	    . '}; max_request_time = "300 ms"; }');
	for my $end (qw(stay untied)) {
		my ($name, $sent) = escape($world, 'deaf', 3, $end,
		    at => '/timed');
		like($world->outcome($sent), qr/\A(cut|nothing|reset)\z/,
		    "$mode: max_request_time ends a handler that would $end");
		ok(eval { gone($name, 'all'); 1 }, "$mode: and what it started")
		    or diag $@;
		$world->settle;
	}
	my @wrong = $world->noticed;
	ok(!@wrong, "$mode: nobody else notices") or diag join "\n", @wrong;
	is($world->stop, 0, "$mode: that daemon stops");
}

# A page that is written to by processes whose guardian was killed has them end
# nobody: a connection that comes later has another page.
sub try_page {
	my ($mode) = @_;
	my $world = world($mode, title => 'a page', settings =>
	    'max_request_time = "60 s";');
	my ($name, $sent) = escape($world, 'scribbler', 3, 'untied');
	my ($handler) = wait_until { my ($one) = named($name); $one }
	    'the handler';
	my ($guardian) = grep { parent_of($_) == $world->{generation} }
	    $handler->{parent}, parent_of($handler->{parent});
	kill 'KILL', $guardian;
	my @later = map { $world->{daemon}->connect } 1 .. 17;
	my @wrong = grep { my $client = $_; grep {
	    my $answer = $client->request('GET', '/known');
	    !$answer || $answer->{status} != 200 } 1 .. 3 } @later;
	is(scalar(@wrong), 0, "$mode: 17 later connections ask thrice");
	gone($name, 'all');
	@wrong = grep { !eval { $_->request('GET', '/known') } } @later;
	is(scalar(@wrong), 0, "$mode: and again");
	$_->close for @later;
	is($world->stop, 0, "$mode: that daemon stops");
	@wrong = grep { $_ != $guardian } $world->{daemon}->log
	    =~ /process (\d+) of \S+ took more than .*: killed/g;
	is("@wrong", '', "$mode: none of them was killed");
}

# What outlives a server, because all that could end it was killed, is not obeyed
# by the next one.
my $refusal = 'no process that is more confined than prongd may ask';

sub try_next {
	my ($mode) = @_;
	my $world = world($mode, title => 'the next server', user => 65534);
	my ($name, $sent) = escape($world, 'asker', 1, 'untied');
	wait_until { named($name) == 2 } 'the handler, and who asks';
	my ($handler) = grep {
	    parent_of($_->{parent}) == $world->{generation} } named($name);
	$world->{daemon}->stop('KILL');
	kill 'KILL', $world->{generation};
	wait_until { !Prong::Process::lives($world->{generation}) } 'its end';
	kill 'KILL', $handler->{parent};
	my $next = world($mode, title => 'the next', user => 65534,
	    control_path => $world->{control});
	ok(lives($name), "$mode: a process outlives its server");
	ok(eval { $next->{daemon}->wait_log(qr/a request is refused: $refusal/);
	    1 },
	    "$mode: and is refused by the next one") or diag $@;
	kill 'KILL', map { $_->{pid} } named($name);
	is($next->stop, 0, "$mode: the next server stops");
	unlike($next->{daemon}->log, qr/generation 2/,
	    "$mode: which did nothing for it");
}

# A process that no signal ends: its tracer, which is this test, holds it where it
# would end. It keeps its slot, others are served, and the server stops without it.
sub try_stuck {
	my ($mode) = @_;
	my $world = world($mode, title => 'a stuck process', settings =>
	    'stop_grace = "500 ms";');
	my ($name, $sent) = escape($world, 'deaf', 1, 'untied');
	my ($handler) = wait_until { my ($one) = grep {
	    parent_of($_->{parent}) == $world->{generation} } named($name);
	    $one } 'the handler';
	# PTRACE_SEIZE with PTRACE_O_TRACEEXIT.
	is(syscall(101, 0x4206, $handler->{pid} + 0, 0, 0x40), 0,
	    "$mode: a handler is held");
	kill 'KILL', $handler->{pid};
	wait_until { Prong::Process::stat_of($handler->{pid})->{state} eq 't' }
	    'the end of the handler, which does not come';
	my @wrong = $world->honest;
	ok(!@wrong, "$mode: others are served") or diag join "\n", @wrong;
	my $status = $world->{daemon}->get('/status?format=json');
	my ($slot) = grep { $_->{pid} == $handler->{parent} }
	    @{decode_json($status->{body})->{table}};
	ok($slot, "$mode: the status page shows its connection");
	my $began = time;
	is($world->stop, 0, "$mode: the server stops");
	cmp_ok(time - $began, '<=', 20, "$mode: in time");
	like($world->{daemon}->log, qr/\d+ processes do not end; they are left/,
	    "$mode: and says what it leaves behind");
	# PTRACE_DETACH
	syscall 101, 17, $handler->{pid} + 0, 0, 0;
	ok(eval { gone($name, 'it'); 1 }, "$mode: it ends when it is let go")
	    or diag $@;
}

sub try_as_root {
	my ($mode) = @_;
	SKIP: {
		skip 'the server is an ordinary user\'s already', 1
		    if !Prong::running_as_root;
		skip 'there is no setpriv', 1
		    if system 'setpriv --version >/dev/null 2>&1';
		try_mode($mode, title => 'an ordinary user\'s guarded handler',
		    user => 65534);
		try_next($mode);
		skip 'ptrace has another number on this machine', 1
		    if (POSIX::uname())[4] ne 'x86_64';
		try_stuck($mode);
	}
}

my @modes = $abi >= 6 ? qw(on abi2 off) : $abi > 0 ? qw(abi2 off) : qw(off);
for my $mode (@modes) {
	try_mode($mode, title => 'a guarded handler');
	try_as_root($mode);
	try_many($mode);
	try_ceiling($mode);
	try_ends($mode);
	try_time($mode);
	try_page($mode);
}

done_testing;
