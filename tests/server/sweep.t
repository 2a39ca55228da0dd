# System calls that fail, of which nobody thought: a policy refuses them (EPERM,
# EACCES), the kernel lacks them (ENOSYS), something is broken (EIO), memory or
# descriptors are used up. From the start, in a generation that serves, in its
# processes, in the master. Whatever fails: no processor is kept busy, nothing
# crashes, no answer is wrong, and the log has a line, unless everything is
# served.
#
# PRONG_SWEEP=all tries all calls and errors of Prong::Errnos instead of a few,
# PRONG_SWEEP=2/8 the second of eight parts of them; tests/README.md says more.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Errno qw(EACCES EINTR EIO ENOMEM ENOSYS EPERM);
use Storable qw(freeze thaw);
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Act;
use Prong::Errnos;
use Prong::Process;
use Prong::Refuse;
use Prong::Trace;

plan skip_all => 'a sanitizer needs system calls for itself'
    if Prong::is_sanitized();

# How long a client waits at first; a machine may be slow.
my $silence = 0.5;
# For anything else.
my $long = 20;

my $tries = 0;
my $big = join '', map { "line $_ of a file that takes many writes\n" } 1 .. 8000;
write_file('www/a', "hello\n");
write_file('www/big', $big);
write_file('www/folder/file', "file\n");
my $www = folder('www');
my $plugins = Prong::Act::plugin_folder(qw(extreme layout_free));

# One for each process of the sweep. Workers have been forked when the calls of later
# processes fail: such rows are without them.
sub make_config {
	my ($name, %how) = @_;
	return config(<<"CONF", %how);
plugin_dir = "$plugins";
access_log = "@{[ folder() ]}/access-$name.log";
stop_grace = "1 s";
crash_penalty = "0 s";
max_crashes = 0;
sites = ( { routes = (
{ path = "/echo"; echo = { }; max_memory = "100 MB"; },
{ path = "/fresh"; fresh = true; echo = { }; },
{ path = "/processes"; layout_free = { word = "word"; }; },
{ path = "/crash"; extreme = { }; },
{ path = "/"; static = { root = "$www"; listing = true; }; } ); } );
CONF
}

# Kinds of requests: what they come with, and what is right.
my %kinds = (
	file => { target => '/a', content => qr/\Ahello\n\z/ },
	echo => { target => '/echo', body => "body\n",
	    content => qr/\Abody\n\z/ },
	fresh => { target => '/fresh', body => "body\n",
	    content => qr/\Abody\n\z/ },
	processes => { target => '/processes', content => qr/^code /m },
	big => { target => '/big', content => qr/\A\Q$big\E\z/ },
	listing => { target => '/folder/', content => qr/>file</ },
	crash => { target => '/crash?do=null', status => 500,
	    content => qr/./ },
);

# "right", "none" (the connection is closed), "cut", "silence", "wrong" for a good
# status with another content, or the status.
sub fetch {
	my ($client, $kind) = @_;
	my $k = $kinds{$kind};
	my $answer = eval { $client->request(
	    $k->{body} ? 'POST' : 'GET', $k->{target}, [], $k->{body}) };
	return $@ =~ /nothing to (?:read|write) within/ ? 'silence' : 'cut'
	    if $@;
	return 'none' unless $answer;
	return 'cut' if $answer->{cut};
	return $answer->{status} unless $answer->{status} ==
	    ($k->{status} // 200);
	return $answer->{body} =~ $k->{content} ? 'right' : 'wrong';
}

# Every kind on a connection of its own, then two on one, which ends in another
# process.
sub visit {
	my ($daemon, $patience, @kinds) = @_;
	local $Prong::patience = $patience;
	my @answers;
	for my $kinds ((map { [ $_ ] } @kinds), [ qw(file file echo) ]) {
		# The others would be silent, too.
		last if grep({ $_ eq 'silence' } @answers) > 1;
		my $client = eval { $daemon->connect };
		push @answers, $client ? fetch($client, $_) : 'none'
		    for @$kinds;
	}
	return @answers;
}

# The lines of the crash that is asked for.
my $by_intent = qr/: handler extreme of .* crashed: SIGSEGV at address \(nil\)|was ended by signal 11 .*its crash report is above/;

# What the server says beside what it says always.
sub said {
	my ($log) = @_;
	return grep { /\A(?:\S+ \S+ prongd\[\d+\]|prongd|refuse): /
	    && !/: info: (?:listening on|generation \d+ (?:is ready|drains|has drained)|reloading|the logs are open|stopp(?:ing|ed)\b|started as root)/
	    && !/$by_intent/ } split /\n/, $log;
}

# What the function returns within a short time; if it dies then, and the server
# says nothing, within a long one.
sub patiently {
	my ($function, $daemon) = @_;
	for my $patience (3, $long) {
		local $Prong::patience = $patience;
		my $result = eval { $function->() };
		return $result if $result;
		return if said($daemon->log);
	}
	return;
}

sub control {
	my ($daemon, $command) = @_;
	my $run = patiently(sub { $daemon->prong($command) }, $daemon)
	    or return "$command: no end";
	return $run->{status} ? "$command: $run->{status}" : ();
}

# Lets the calls fail in the running server. For the generation that is at its
# next fork, for the master at a reload.
sub begin {
	my ($daemon, $where, $file) = @_;
	write_file($file, '') if $file;
	return unless $where =~ /master|start/;
	return map { control($daemon, $_) } qw(reload reopen status);
}

# The share of time in which it is busy, when it has nothing to do but one idle
# connection. A moment of rest is enough.
sub watch {
	my ($daemon) = @_;
	my ($load, $run_in_all) = (0, 0);
	my $began = time;
	my $idle = eval { local $Prong::patience = $silence;
	    my $client = $daemon->connect; fetch($client, 'file'); $client };
	for (1 .. 15) {
		my ($from, $run, $waited) = (time,
		    Prong::Refuse::busy_times($daemon->pid));
		sleep 0.1;
		my ($run_now, $waited_now) =
		    Prong::Refuse::busy_times($daemon->pid);
		$run_in_all += $run_now - $run;
		$load = ($run_now - $run + $waited_now - $waited)
		    / (time - $from);
		return 0 if $load < 0.5;
	}
	# Where many others run it gets a little at least.
	return $run_in_all > 0.05 * (time - $began) ? $load : 0;
}

sub live {
	my ($daemon, $where, $file, @kinds) = @_;
	my %seen = (commands => [ begin($daemon, $where, $file) ]);
	$seen{answers} = [ visit($daemon, $silence, @kinds) ];
	# On a loaded machine that was slowness.
	$seen{answers} = [ visit($daemon, 10, @kinds) ]
	    if grep({ $_ eq 'silence' } @{ $seen{answers} })
	    && (!said($daemon->log) || $where eq 'fork');
	$seen{load} = watch($daemon);
	return %seen;
}

sub number_of {
	my ($name) = @_;
	return (Errno->can($name) || die "no errno $name")->();
}

# Runs a server: status of its end, answers, load.
sub try_daemon {
	my ($config, $where, $errno, $calls, @kinds) = @_;
	my ($place, $is_late) = $where =~ /\A(\w+)(, late)?\z/;
	my $file = $is_late ? folder() . "/go$$." . ++$tries : undef;
	my $daemon;
	{
		local %ENV = (%ENV, Prong::Refuse::environment($place, $errno,
		    @$calls, $file ? \$file : ()));
		$daemon = Prong::Daemon->launch($config);
	}
	my $began = eval { local $Prong::patience = $long; wait_until {
		!$daemon->alive
		    || $daemon->log =~ /: generation \d+ is ready$/m } };
	my %seen = (answers => [], commands => [], load => 0);
	%seen = live($daemon, $place, $file, @kinds) if $daemon->alive
	    && $daemon->addresses && $began;
	$seen{hangs} = !$began;
	$seen{status} = eval { local $Prong::patience = $long; $daemon->stop };
	$seen{log} = $daemon->log;
	return \%seen;
}

# The same for one connection on standard input and output.
sub try_once {
	my ($config, $errno, $calls) = @_;
	local %ENV = (%ENV, Prong::Refuse::environment('start', $errno,
	    @$calls));
	local $Prong::patience = $long;
	my %seen = (answers => [], commands => [], load => 0);
	my $run = eval { Prong::prongd('--once', '-c', $config, { input =>
	    request('GET', '/a') . request('POST', '/echo',
	    [ 'Connection: close' ], "body\n") }) };
	$seen{hangs} = !$run;
	return \%seen unless $run;
	$seen{status} = $run->{signal} ? "signal $run->{signal}"
	    : $run->{status};
	$seen{log} = $run->{errors};
	my @answers = eval { responses($run->{output}, 'GET', 'POST') };
	push @answers, $@ ? 'cut' : 'none' while @answers < 2;
	for my $kind ('file', 'echo') {
		my $answer = shift @answers;
		push @{ $seen{answers} }, !ref $answer ? $answer
		    : $answer->{cut} ? 'cut' : $answer->{status} != 200 ? $answer->{status}
		    : $answer->{body} =~ $kinds{$kind}{content} ? 'right'
		    : 'wrong';
	}
	return \%seen;
}

# A generation that did not even begin; what modules of libc say of themselves.
my $of_loader = qr/: generation \d+ \(process \d+\) was ended by signal 11|^Assertion .* at src\/nss/m;

# What is wrong with what was seen.
sub faults_of {
	my ($seen, $where, $reason) = @_;
	my @answers = @{ $seen->{answers} };
	my @faults;
	push @faults, sprintf 'a load of %.0f %%', 100 * $seen->{load}
	    if $seen->{load} >= 0.5;
	push @faults, 'a client is left waiting' if $where =~ /fork/
	    && grep { $_ eq 'silence' } @answers;
	push @faults, 'a wrong answer' if grep { $_ eq 'wrong' } @answers;
	my $log = $seen->{log} =~ s/^.*$by_intent.*$//mgr;
	$log =~ s/^.*$of_loader.*$//mg if $reason;
	# The process of the fresh route, at its execution.
	$log =~ s/: connection process \d+ of \S+ was ended by signal 11 \(Segmentation fault\)$//m
	    if $reason;
	push @faults, 'a crash' if $log =~ /was ended by signal|crashed:|Assertion/
	    || ($seen->{status} // '') =~ /signal/;
	push @faults, 'no end of the start' if $seen->{hangs}
	    && !said($seen->{log});
	push @faults, 'no end at SIGTERM' unless defined $seen->{status};
	push @faults, 'no line in the log'
	    if !is_served($seen) && !said($seen->{log}) && !$reason;
	return @faults;
}

sub is_served {
	my ($seen) = @_;
	my @answers = @{ $seen->{answers} };
	return @answers && !@{ $seen->{commands} }
	    && !grep { $_ ne 'right' } @answers;
}

# The column of the table.
sub outcome_of {
	my ($seen, @faults) = @_;
	my @answers = @{ $seen->{answers} };
	my $says = said($seen->{log}) ? 'said' : 'not said';
	return 'fault' if @faults;
	return "no start, $says" unless @answers;
	return "all served, $says" if is_served($seen);
	return "command fails, $says" unless grep { $_ ne 'right' } @answers;
	return grep({ /\A(?:none|cut|silence)\z/ } @answers)
	    ? "some closed, $says" : "5xx, $says";
}

# Calls without which a program cannot even start, or say anything.
my %silent = (
	(map { $_ => 'no program starts without it' } qw(brk mmap mprotect
	    munmap openat newfstatat read pread64 fcntl close execveat
	    rt_sigaction rt_sigprocmask futex dup2)),
	(map { $_ => 'it never fails, and nobody asks whether it did' }
	    qw(getpid getppid)),
	(map { $_ => 'the log is written by it' } qw(write writev pwritev2)),
);

# These tell of the client, or that there is no such file; the access log has it.
my %of_client = map { $_ => 1 } ('recvfrom ECONNRESET', 'recvfrom ECONNREFUSED',
    'sendmsg ECONNRESET', 'sendmsg EPIPE', 'openat2 ENOENT', 'statx ENOENT',
    'newfstatat ENOENT', 'newfstatat ENOTDIR');

my %table;

sub judge {
	my ($row, $seen) = @_;
	my ($where, $errno, $calls, $line) = @$row;
	my @calls = split ' ', $calls;
	my @answers = @{ $seen->{answers} };
	my @faults = faults_of($seen, $where, grep { $silent{$_}
	    || ($of_client{"$_ $errno"} && $where =~ /fork|late/) } @calls);
	push @faults, "no line like $line" if $line && $seen->{log} !~ $line;
	my $came = @answers ? join ' ', @answers, @{ $seen->{commands} }
	    : 'status ' . ($seen->{status} // '?');
	my $title = sprintf '%s: %s fails with %s', $where, $calls, $errno;
	ok(!@faults, "$title: $came") or diag(join(', ', @faults), "\n",
	    $seen->{log});
	return unless $ENV{PRONG_SWEEP};
	my $outcome = outcome_of($seen, @faults);
	$table{$calls[0]}{$outcome}++;
	my @lines = said($seen->{log});
	note(sprintf '%-20s %s', $outcome, $_ // '') for @lines ? @lines[0 .. ($#lines > 2 ? 2 : $#lines)] : '';
	return;
}

sub print_table {
	my (%total, %columns);
	for my $counts (values %table) {
		$columns{$_} = 1 for keys %$counts;
	}
	my @columns = sort keys %columns;
	note(join ' | ', 'call', @columns);
	for my $call (sort keys %table) {
		note(join ' | ', $call,
		    map { $table{$call}{$_} // 0 } @columns);
		$total{$_} += $table{$call}{$_} // 0 for @columns;
	}
	note(join ' | ', 'all', map { $total{$_} } @columns);
	return;
}

# Where, errno, calls; then what the log says in these cases. "workers" are processes
# of a generation that has some.
my $policy = qr/: Operation not permitted; a policy may refuse/;
my @few = (
    [ 'start', 'EPERM', 'memfd_create' ],
    [ 'start', 'ENOSYS', 'openat2' ],
    [ 'start', 'EPERM', 'pidfd_open close_range statx seccomp' ],
    [ 'start', 'ENOSYS', 'pidfd_open close_range statx' ],
    [ 'start', 'EPERM', 'prlimit64' ],
    [ 'start', 'EIO', 'wait4',
	qr/needs the system call wait4, which fails: Input/ ],
    [ 'start', 'EADDRINUSE', 'listen',
	qr/cannot listen on 127\.0\.0\.1:0: Address already in use/ ],
    [ 'generation', 'EACCES', 'accept4' ],
    [ 'generation', 'EPERM', 'poll', qr/plugin check: cannot wait$policy/ ],
    [ 'generation', 'EPERM', 'recvfrom',
	qr/plugin check: cannot receive what the process says$policy/ ],
    [ 'generation', 'EIO', 'sendto',
	qr/plugin check: the process cannot say what it does: Input/ ],
    [ 'generation', 'EPERM', 'read', qr/cannot read the handover$policy/ ],
    [ 'generation', 'ENOSYS', 'pread64',
	qr/cannot use the line "source-fd .* Function not implemented/ ],
    [ 'generation', 'EPERM', 'prlimit64',
	qr/\(LimitLOCKS\) are unknown$policy/ ],
    [ 'generation, late', 'EPERM', 'accept4' ],
    [ 'generation, late', 'ENOSYS', 'clone' ],
    [ 'generation, late', 'EIO', 'ppoll' ],
    [ 'generation, late', 'EPERM', 'sendmsg recvmsg sendto' ],
    [ 'generation, late', 'EPERM', 'waitid',
	qr/cannot wait for ended processes$policy/ ],
    [ 'fork', 'EPERM', 'futex' ],
    [ 'fork', 'EPERM', 'epoll_wait poll ppoll' ],
    [ 'fork', 'EIO', 'dup2',
	qr/cannot start the log process: it has ended at once, by its status 1/ ],
    [ 'fork', 'EBUSY', 'dup3',
	qr/helper of the generation has ended, porter \(status 1\)/ ],
    [ 'workers', 'EACCES', 'accept4',
	qr/cannot accept a connection: Permission denied; trying again/ ],
    [ 'workers', 'EBUSY', 'dup3',
	qr/helper of the generation has ended, porter \(status 1\)/ ],
    [ 'fork, late', 'EPERM', 'recvfrom' ],
    [ 'fork, late', 'EIO', 'sendmsg' ],
    [ 'fork, late', 'EMSGSIZE', 'sendmsg',
	qr/cannot send to the client: sendmsg: Message too long/ ],
    [ 'fork, late', 'ENOMEM', 'ppoll' ],
    [ 'fork, late', '~EINTR', 'ppoll poll recv recvmsg send sendmsg read futex' ],
    [ 'fork, late', 'EPERM', 'mmap' ],
    [ 'fork, late', 'EIO', 'mprotect',
	qr/has ended with status 127 before it called a handler/ ],
    [ 'fork, late', 'EIO', 'getpeername',
	qr/cannot find out the peer of the connection of .*: Input/ ],
    [ 'fork, late', 'EIO', 'sendto',
	qr/guardian of \S+: no connection to guard: Input/ ],
    [ 'fork, late', 'EIO', 'sendfile',
	qr/cannot send a file to \S+: Input\/output error: the connection is cut/ ],
    [ 'fork, late', 'EPERM', 'sendfile' ],
    [ 'master, late', 'EPERM', 'ppoll' ],
    [ 'generation, late', 'EIO', 'recvmsg',
	qr/cannot receive messages of the master: Input/ ],
    [ 'master, late', 'EIO', 'recvmsg',
	qr/cannot receive messages of the generation, process \d+: Input/ ],
    [ 'master, late', 'EPERM', 'recvfrom' ],
    [ 'master, late', 'ECONNABORTED', 'accept4',
	qr/cannot accept on the control socket: Software caused/ ],
    [ 'master, late', 'EINVAL', 'rt_sigaction',
	qr/cannot catch signals: Invalid argument/ ],
    [ 'master, late', 'EIO', 'openat',
	qr/and \/proc does not tell whether this is one/ ],
    [ 'once', 'EPERM', 'timer_create' ],
);

# A life with everything in it.
sub live_wholly {
	my $daemon = start(make_config('trace'));
	visit($daemon, $long, sort keys %kinds);
	control($daemon, $_) for qw(status reload reopen upgrade);
	visit($daemon, $long, sort keys %kinds);
	$daemon->stop;
	return $daemon->pid;
}

sub show_untried {
    SKIP: {
		skip 'there is no strace', 1 unless Prong::Trace::is_possible();
		my @calls = Prong::Trace::calls_of(\&live_wholly);
		is(join(' ', grep { !Prong::Errnos::is_known($_) } @calls), '',
		    'no system call that strace shows is without a row');
	}
	return;
}

sub chosen {
	my $choice = $ENV{PRONG_SWEEP} or return @few;
	my @rows = Prong::Errnos::rows();
	if (my ($part, $parts) = $choice =~ m{\A(\d+)/(\d+)\z}) {
		@rows = @rows[grep { $_ % $parts == $part - 1 } 0 .. $#rows];
	} elsif (my ($pattern) = $choice =~ m{\A~(.*)\z}) {
		@rows = grep { "@$_" =~ /$pattern/ } @rows;
	}
	return @rows;
}

sub try_row {
	my ($configs, $where, $errno, $calls) = @_;
	my $config = $configs->{$where} || $configs->{usual};
	$where = 'fork' if $where eq 'workers';
	my @calls = split ' ', $calls;
	my ($tilde, $name) = $errno =~ /\A(~?)(\w+)\z/;
	my $number = $tilde . number_of($name);
	return try_once($config, $number, \@calls) if $where eq 'once';
	return try_daemon($config, $where, $number, \@calls,
	    $ENV{PRONG_SWEEP} ? sort keys %kinds : qw(big echo fresh processes));
}

# A process that tries every second row, and tells what it saw by a pipe.
sub hire {
	my ($name, @rows) = @_;
	my %configs = (usual => make_config($name),
	    'fork, late' => make_config($name, workers => 0),
	    workers => make_config($name, workers => 2));
	my $pid = open(my $pipe, '-|') // die "fork: $!";
	return $pipe if $pid;
	binmode STDOUT;
	$| = 1;
	for my $row (@rows) {
		my $seen = eval { try_row(\%configs, @$row) }
		    // { answers => [], commands => [], load => 0,
			log => "$@", hangs => 1 };
		print pack('N/a*', freeze($seen)) or last;
	}
	Prong::Daemon::stop_all();
	POSIX::_exit(0);
}

sub hear {
	my ($pipe) = @_;
	local $/ = \4;
	my $length = unpack 'N', readline($pipe) // die 'a process has gone';
	$/ = \$length;
	my $frozen = readline $pipe;
	return thaw($frozen);
}

my @rows = chosen();
Prong::Refuse::library();
my $workers = 2;
my @pipes = map { my $n = $_;
	hire($n, @rows[grep { $_ % $workers == $n } 0 .. $#rows])
    } 0 .. $workers - 1;
binmode $_ for @pipes;
judge($rows[$_], hear($pipes[$_ % $workers])) for 0 .. $#rows;
if ($ENV{PRONG_SWEEP}) {
	print_table();
	show_untried();
}

done_testing;
