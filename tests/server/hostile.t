# A handler that does harm: what its client gets, what the log says, and what
# all others notice, which is nothing. A row that says otherwise is a gap, and
# says which.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Test::More;

use Prong;
use Prong::Hostile;

my $sanitized = Prong::is_sanitized();
my $abi = Prong::Hostile::landlock_abi();

# Outcomes.

# A handler that calls exit.
sub left {
	my ($status, $client) = @_;
	return { client => $client, log =>
	    qr/was ended by its handler \w+, with status $status$/m };
}

sub says {
	my ($text, %more) = @_;
	return { client => $text, %more };
}

# The log's line, and the 500 of last words.
sub crash {
	my ($signal) = @_;
	my $line = qr{error: handler \w+ of route /\w+ crashed: $signal at };
	my $request = qr{"GET /\w+\?do=\S+ HTTP/1\.[01]" of 127\.0\.0\.1:\d+, id \w{32}};
	my $address = $signal eq 'SIGABRT' ? qr/\(nil\)/ : qr/\S+/;
	return { client => '500',
	    log => qr/${line}address $address; request $request$/m };
}

# A system call that ends the process; what would permit it. Another process may
# log something between the two lines.
sub refused {
	my ($call, $permit) = @_;
	my $words = $permit ? "is not declared; $permit in the handler's "
	    . 'descriptor would permit it' : 'is permitted to no handler';
	my $line = crash('SIGSYS')->{log};
	return { client => '500',
	    log => qr/$line\n(?:.*\n)*?.*error: \w+: the system call $call $words$/m };
}

# What prong_open says of a refusal by the sandbox.
sub kept {
	my ($path, $from, $clause) = @_;
	my $words = qr/the sandbox keeps $path from being $from; \Q$clause\E/;
	return { client => 'EACCES', log => qr/warning: \w+ of \/\w+: $words/
	    . qr/, id \w{32} \(127\.0\.0\.1:\d+ "GET .*"\)\n/ };
}

# Where last words cannot be spoken.
sub killed {
	my ($signal, $client) = @_;
	my $line = qr/error: connection process \d+ of 127\.0\.0\.1:\d+/;
	return { client => $client || 'nothing',
	    log => qr/$line was ended by signal $signal \([\w ]+\)( in the handler \w+)?$/m };
}

sub gap {
	my ($why, $outcome) = @_;
	return { %$outcome, gap => $why };
}

# What the master says over its control socket, to processes of its own user or
# of another; the log says it, too.
sub unheard {
	my ($own) = @_;
	my $why = $own ? "no process of prongd's own may ask" : 'only root, '
	    . 'the user of prongd, and the group that control_group names may '
	    . 'ask';
	return { client => "say error: $why", log =>
	    qr/warning: control socket: a request is refused: \Q$why\E$/m };
}

# The same for one who has left its parents: a sweep of the generation may end it
# before it has asked.
sub unheard_or_ended {
	my $said = unheard(@_)->{client};
	return { client => qr/\A(\Q$said\E|silence)\z/, log =>
	    qr/\A(?!.*\b(error|warning): (?!control socket: a request is ))/s };
}

# What the tests offer to be reached.
my $listener = IO::Socket::INET->new(Listen => 50,
    LocalAddr => '127.0.0.1:0') or die "listen: $!";
my $permitted = IO::Socket::INET->new(Listen => 50,
    LocalAddr => '127.0.0.1:0') or die "listen: $!";
my $abstract = "prong-hostile-$$";
my @unix = map { IO::Socket::UNIX->new(@$_) || die "unix socket: $!" }
    [ Type => SOCK_STREAM, Listen => 50, Local => "\0$abstract" ],
    [ Type => SOCK_DGRAM, Local => "\0$abstract-d" ],
    [ Type => SOCK_DGRAM, Local => folder() . '/datagram' ],
    [ Type => SOCK_STREAM, Listen => 50, Local => folder() . '/stream' ];
chmod 0777, folder() . '/datagram', folder() . '/stream';

# Files that the server's user owns, when it is not root who tests.
my $owner = !running_as_root;
my $as_owner = sub { $owner ? gap(@_) : says('EACCES') };
my $may = 'the sandbox is off, and the user may';

# deed, argument, outcome; where another mode has another outcome, that.
my @rows = (
	# Memory and signals.
	[ 'null', undef, crash('SIGSEGV') ],
	[ 'readonly', undef, crash('SIGSEGV') ],
	[ 'jump', undef, crash('SIGSEGV') ],
	[ 'divide', undef, crash('SIGFPE') ],
	[ 'illegal', undef, crash('SIGILL') ],
	[ 'bus', undef, crash('SIGBUS') ],
	[ 'abort', undef, crash('SIGABRT') ],
	[ 'stack', undef, crash('SIGABRT') ],
	[ 'heap', undef, crash('SIGABRT') ],
	[ 'free_twice', undef, crash('SIGABRT') ],
	[ 'fortify', undef, crash('SIGABRT') ],
	[ 'recurse', undef, crash('SIGSEGV') ],
	[ 'block_and_crash', undef, killed(11) ],
	[ 'ignore_and_crash', undef, killed(11) ],
	[ 'catch_and_crash', undef, left(0, 'nothing') ],
	[ 'kill_itself', 6, crash('SIGABRT') ],
	[ 'kill_itself', 9, killed(9) ],
	[ 'kill_itself', 15, killed(15) ],
	[ 'thread', undef, says('EAGAIN'), off => killed(11) ],

	# Time, memory, processes.
	[ 'loop', undef, { client => '503', log =>
	    qr/handler \w+ of route \/cpu took more than max_cpu_time/ },
	    at => '/cpu' ],
	[ 'sleep', undef, { client => '503', log =>
	    qr/handler \w+ of route \/time took more than max_request_time/
	    }, at => '/time' ],
	[ 'allocate', undef, says('ENOMEM'), at => '/small' ],
	[ 'allocate_unchecked', undef, crash('SIGSEGV'), at => '/small' ],
	[ 'leak', 20, says('leaked') ],
	[ 'leak_descriptors', undef, says('EMFILE'), at => '/small' ],
	[ 'fork', undef, says('EAGAIN'), off => says('forked') ],
	[ 'leave_behind', undef, says('EAGAIN'), off => says('left') ],
	[ 'lift', undef, says('EPERM'), off => gap($may, says('lifted')) ],
	[ 'reallocate', undef, says('reallocated') ],

	# The answer.
	[ 'exit', 0, left(0, 'nothing') ],
	[ 'exit', 1, left(1, 'nothing') ],
	[ 'exit_midway', 0, left(0, 'cut') ],
	[ 'crash_midway', undef, { %{crash('SIGSEGV')}, client => 'cut' } ],
	[ 'crash_midway', undef, { %{crash('SIGSEGV')}, client => 'reset' },
	    version => '1.0' ],
	[ 'crash_in_length', undef, { %{crash('SIGSEGV')}, client => 'cut' } ],
	[ 'crash_in_buffer', undef, crash('SIGSEGV') ],
	[ 'close_all', 3, { client => 'nothing',
	    log => qr/closed descriptors that are not its own/ } ],
	[ 'close_all', 0, { client => 'nothing',
	    log => qr/closed descriptors that are not its own/ } ],
	[ 'chdir', '/', says('changed') ],
	[ 'environment', undef, says('changed') ],

	# Files.
	[ 'open', '/etc/passwd', says('EACCES'),
	    off => gap($may, says('opened')) ],
	[ 'prong_open', '/etc/passwd', kept('/etc/passwd', 'read',
	    'a path option that names it, with PRONG_READ in its flags, would '
	    . 'permit it'), off => gap($may, says('opened')) ],
	[ 'prong_open', '/nowhere', says('ENOENT') ],
	[ 'prong_open', '%folder/own/file', says('opened') ],
	[ 'prong_write', '%folder/own/file', $owner ? kept('\S+/own/file',
	    'written', 'PRONG_WRITE in the flags of its option "own" would '
	    . 'permit it') : says('EACCES'),
	    off => $as_owner->($may, says('opened')) ],
	[ 'open', '%folder/own/file', says('opened') ],
	[ 'list', '%folder/own', says('listed') ],
	[ 'open_to_write', '%folder/own/file', says('EACCES'),
	    off => $as_owner->($may, says('opened')) ],
	[ 'create', '%folder/own/new', says('EACCES'),
	    off => $as_owner->($may, says('created')) ],
	[ 'open', '%folder/other/file', says('EACCES'),
	    off => gap($may, says('opened')) ],
	[ 'list', '%folder/www', says('EACCES'),
	    off => gap($may, says('listed')) ],
	[ 'open', '%config', says('EACCES'), off => gap($may, says('opened')) ],
	[ 'open', '%log', says('EACCES'), off => gap($may, says('opened')) ],
	[ 'open_to_write', '%log', says('EACCES'),
	    off => $as_owner->($may, says('opened')) ],
	[ 'open', '%folder/log/access.log', says('EACCES'),
	    off => $as_owner->($may, says('opened')) ],
	[ 'list', '%folder/plugins', says('EACCES'),
	    off => gap($may, says('listed')) ],
	[ 'open', '%folder/plugins/static.so', says('EACCES'),
	    off => gap($may, says('opened')) ],
	[ 'list', '/proc', says('EACCES'), off => gap($may, says('listed')) ],
	[ 'open', '/proc/self/maps', says('EACCES'),
	    off => gap($may, says('opened')) ],
	[ 'stat', '/etc/passwd', gap('Landlock lets everybody look at names, '
	    . 'sizes and modes', says('looked at')) ],
	[ 'chmod', '%folder/other/file', $owner ? gap('Landlock lets the '
	    . 'owner change modes', says('changed')) : says('EPERM') ],
	[ 'truncate', '%folder/other/spare', says('EACCES'),
	    abi2 => $as_owner->('this version of Landlock knows no truncation',
	    says('truncated')), off => $as_owner->($may, says('truncated')) ],
	[ 'remove', '%folder/other/file', says('EACCES'),
	    off => $owner ? { skip => 'it would be removed' }
	    : says('EACCES') ],
	[ 'chown', '%folder/other/file', refused('chown'),
	    off => says('EPERM') ],
	[ 'chroot', '/', refused('chroot'), off => says('EPERM') ],
	[ 'execute', '/bin/sh', refused('execve', 'PRONG_NEEDS_PROCESSES'),
	    off => gap($may, left(0, 'nothing')) ],
	[ 'system', 'exit 0', says('failed'), off => gap($may, says('run')) ],

	# Sockets.
	[ 'connect', '%port', refused('socket', 'PRONG_NEEDS_NETWORK'),
	    off => gap($may, says('connected')) ],
	[ 'datagram', '%port', refused('socket', 'PRONG_NEEDS_NETWORK'),
	    off => gap($may, says('connected')) ],
	[ 'bind', 0, refused('socket', 'PRONG_NEEDS_NETWORK'),
	    off => gap($may, says('bound')) ],
	[ 'connect_unix', '@%abstract',
	    refused('socket', 'PRONG_NEEDS_NETWORK'),
	    off => gap($may, says('connected')) ],
	[ 'send_unix', '@%abstract-d', says('ENOSYS'),
	    off => gap($may, says('sent')) ],
	[ 'send_unix', '%folder/datagram', says('ENOSYS'),
	    off => gap($may, says('sent')) ],
	[ 'pair', undef, says('made') ],
	(map { [ 'ask_master', "%control $_",
	    refused('socket', 'PRONG_NEEDS_NETWORK'),
	    off => unheard($owner) ] } qw(stop reload)),
	[ 'ask_as_orphan', '%control stop', says('EAGAIN'),
	    off => unheard_or_ended($owner) ],

	# Other processes. Signal 0 asks whether one might be sent.
	(map { my $whom = $_;
		[ 'kill', "$whom 9", says('EPERM'), off =>
		    $whom eq '%master' && !$owner ? says('EPERM')
		    : { skip => 'it would be killed' } ],
		[ 'kill', "$whom 0", says('EPERM'), off =>
		    $whom eq '%master' && !$owner ? says('EPERM')
		    : gap($may, says('sent')) ],
		[ 'kill_thread', "$whom 9", says('EPERM'),
		    off => { skip => 'it would be killed' } ],
		[ 'queue', "$whom 9", says('EPERM'),
		    off => { skip => 'it would be killed' } ],
		[ 'signal_by_pipe', "$whom 9", says('sent'),
		    abi2 => says('EPERM'),
		    off => { skip => 'it would be killed' } ],
		[ 'trace', $whom, refused('ptrace'),
		    off => { skip => 'it would stay traced' } ],
		[ 'read_memory', $whom, refused('process_vm_readv'), off =>
		    $owner ? gap($may, says(qr/read|EFAULT|EPERM/))
		    : says('EPERM') ],
		[ 'open_memory', $whom, says('EACCES'), off => $owner
		    ? gap($may, says(qr/opened|EACCES/)) : says('EACCES') ],
		[ 'limit', $whom, says('ENOSYS'), off =>
		    $whom eq '%master' && !$owner ? says('EPERM')
		    : gap($may, says('limited')) ],
	    } '%generation', '%master', '%sibling'),
	# The kernel says so though nobody was reached.
	[ 'kill', '-1 9', says('sent'), abi2 => says('EPERM'),
	    off => { skip => 'too many would be killed' } ],
	[ 'become_root', undef, refused('setuid'), off => says('EPERM') ],
	[ 'unshare', undef, refused('unshare'),
	    off => says(qr/\A(made|EPERM|ENOSPC)\z/) ],
	[ 'clone', undef, says('ENOSYS'),
	    off => gap($may, says(qr/\A(made|EPERM|ENOSPC)\z/)) ],
	[ 'io_uring', undef, refused('io_uring_setup'),
	    off => says(qr/\AE[A-Z]+\z/) ],
	[ 'unknown', 1000, says('ENOSYS') ],

	# What is shared.
	[ 'write_scoreboard', undef, says('EBADF') ],
	[ 'truncate_scoreboard', undef, says('EINVAL') ],
	[ 'map_scoreboard', undef, says('EACCES') ],
	# Who owns the file can open it, and a seal forbids to write.
	[ 'reopen_scoreboard', undef, says(running_as_root ? 'EACCES' : 'EPERM') ],
	[ 'fill_page', 255, gap('what it says of itself is shown and added '
	    . 'up', says('written', log => qr/\A(?!.*\b(?:error|warning): (?!\d+ lines of the access log were dropped))/s)) ],
	[ 'scramble_page', 7, gap('likewise, but what cannot be is not added '
	    . 'up', says('written', log => qr/\A(?!.*\b(?:error|warning): (?!\d+ lines of the access log were dropped))/s)) ],
	[ 'scribble', 'x', says(qr/malformed: x/) ],
	[ 'truncate_all', undef, says('nothing') ],
	# The last, since it spoils what is looked at.
	[ 'grow_scoreboard', 3, says('ENOSYS'),
	    off => gap('a mapping of one page can grow over the next ones',
	    { client => 'written', noticed => 1 }) ],
);

# The rows of a handler that has declared everything.
my @free_rows = (
	[ 'thread', undef, killed(11) ],
	[ 'fork', undef, says('forked') ],
	[ 'leave_behind', undef, says('left') ],
	[ 'execute', '/bin/sh', says('EACCES'),
	    off => gap($may, left(0, 'nothing')) ],
	[ 'system', 'exit 0', says('failed'),
	    off => gap($may, says('run')) ],
	[ 'connect', '%permitted', says('connected') ],
	[ 'connect', '%port', says('EACCES'),
	    abi2 => gap('this version of Landlock knows no ports',
	    says('connected')), off => gap($may, says('connected')) ],
	[ 'datagram', '%port', gap('Landlock knows TCP ports only',
	    says('connected')) ],
	[ 'bind', 0, refused('bind'), off => gap($may, says('bound')) ],
	[ 'listen', undef, refused('listen'),
	    off => gap($may, says('listening')) ],
	[ 'connect_unix', '@%abstract', says('EPERM'),
	    abi2 => gap('this version of Landlock knows no abstract sockets',
	    says('connected')), off => gap($may, says('connected')) ],
	[ 'connect_unix', '%folder/stream', gap('Landlock lets everybody '
	    . 'connect to a Unix socket that has a path', says('connected')) ],
	(map { my $deed = $_;
	    map { [ $deed, "%control $_", $deed eq 'ask_master'
    ? unheard($owner) : unheard_or_ended($owner) ] }
	    'stop', 'stop now', 'reload', 'upgrade', 'drain 0' }
	    'ask_master', 'ask_as_orphan'),
	[ 'kill', '%generation 9', says('EPERM'),
	    off => { skip => 'it would be killed' } ],
	[ 'open', '/etc/passwd', says('EACCES'),
	    off => gap($may, says('opened')) ],
	[ 'clone', undef, says('ENOSYS'),
	    off => gap($may, says(qr/\A(made|EPERM|ENOSPC)\z/)) ],
);

# The rows of one that has declared threads alone.
my @thread_rows = (
	[ 'thread', undef, killed(11) ],
	[ 'fork', undef, says('EAGAIN') ],
	[ 'leave_behind', undef, says('EAGAIN') ],
	[ 'system', 'exit 0', says('failed') ],
	[ 'execute', '/bin/sh', refused('execve', 'PRONG_NEEDS_PROCESSES') ],
	[ 'clone', undef, says(qr/\A(EAGAIN|ENOSYS)\z/) ],
	[ 'kill', '%generation 9', says('EPERM') ],
);

# The rows of the first handler that must not change where the second serves
# another route; and some of the second, there.
my %besides = map { $_ => 1 } qw(thread fork leave_behind execute system connect
    datagram bind connect_unix kill);
my @beside_rows = ((grep { $besides{$_->[0]} } @rows),
	[ 'fork', undef, says('forked'), at => '/free' ],
	[ 'execute', '/bin/sh', says('EACCES'), at => '/free' ],
	[ 'connect', '%permitted', says('connected'), at => '/free' ],
	[ 'thread', undef, killed(11), at => '/free' ],
);

sub title {
	my ($mode, $world, $row, $want) = @_;
	my ($deed, $with, undef, %how) = @$row;
	my $title = "$mode: $world->{title} $deed";
	$title .= " $with" if defined $with;
	$title .= " in HTTP/$how{version}" if $how{version};
	$title .= " at $how{at}" if $how{at};
	my $got = ref $want->{client} ? 'one of several' : $want->{client};
	$title .= ": $got" if defined $got;
	$title .= " (gap: $want->{gap})" if $want->{gap};
	return $title;
}

# What the sanitizers notice first, or have no use for a limit of.
my %of_memory = map { $_ => 1 } qw(stack heap free_twice fortify thread
    allocate allocate_unchecked);

sub try_row {
	my ($mode, $world, $row) = @_;
	my ($deed, $with, $default, %how) = @$row;
	my $want = $how{$mode} || $default;
	my $title = title($mode, $world, $row, $want);
	SKIP: {
		skip "$title: $want->{skip}", 1 if $want->{skip};
		skip "$title: it is the sanitizers' to notice", 1
		    if $sanitized && $of_memory{$deed};
		my @wrong = eval { $world->try($deed, $want, with => $with,
		    at => $how{at}, version => $how{version}) };
		push @wrong, $@ if $@;
		ok(!@wrong, $title) or diag join "\n", @wrong;
	}
}

my %words = (abstract => $abstract, port => $listener->sockport,
    permitted => $permitted->sockport);

sub try_world {
	my ($mode, $rows, $title, %settings) = @_;
	my $world = Prong::Hostile->start(mode => $mode, words => \%words,
	    title => $title, $mode eq 'abi2' ? (abi => 2) : (), %settings);
	try_row($mode, $world, $_) for @$rows;
	is($world->stop, 0, "$mode: the daemon of $title stops");
}

# Where the master is an ordinary user's, and its handlers are no others.
my @own_rows = map { my $deed = $_;
    map { [ $deed, "%control $_", $deed eq 'ask_master'
    ? unheard(1) : unheard_or_ended(1) ] } 'stop', 'reload' }
    'ask_master', 'ask_as_orphan';

sub try_as_user {
	my ($mode, $port) = @_;
	SKIP: {
		skip 'the server is an ordinary user\'s already', 1
		    if $owner;
		skip 'there is no setpriv', 1
		    if system 'setpriv --version >/dev/null 2>&1';
		try_world($mode, \@own_rows, 'an ordinary user\'s '
		    . 'hostile_free', handler => 'hostile_free',
		    options => $port, user => 65534);
	}
}

sub try_mode {
	my ($mode) = @_;
	my $port = "port = $words{permitted};";
	try_world($mode, \@rows, 'hostile', handler => 'hostile');
	try_world($mode, \@free_rows, 'hostile_free',
	    handler => 'hostile_free', options => $port);
	try_as_user($mode, $port);
	return if $mode eq 'off';
	try_world($mode, \@beside_rows, 'hostile beside hostile_free',
	    handler => 'hostile', routes => ", { path = \"/free\"; "
	    . "hostile_free = { $port }; }");
	try_world($mode, \@thread_rows, 'hostile_threads',
	    handler => 'hostile_threads');
}

# Who stands still, whatever its page says, where every route has a limit of
# time. They are tried side by side, since each takes seconds. A shorter limit
# would hit honest clients of a machine with much to do.
{
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    idle => '1 s', settings => join ' ', map { "$_ = \"1 s\";" }
	    qw(max_request_time head_timeout body_timeout send_timeout));
	# Of enum scoreboard_state, and beyond.
	my %states = (waiting => 1, reading => 2, handling => 3, sending => 4,
	    closing => 5, crashed => 6, unheard_of => 7);
	my @tried;
	for my $state (sort keys %states) {
		push @tried, [ "$state, with no end", "$states{$state} 0" ],
		    [ "$state, with a far end", "$states{$state} 1000000000" ];
	}
	$_->[2] = $world->send('stall', with => $_->[1]) for @tried;
	for (@tried) {
		my $got = $world->outcome($_->[2]);
		is($got, 'nothing', "who stands still is ended, though it "
		    . "says that it is $_->[0]");
	}
	my $line = qr/process \d+ of \S+ has stood still for longer than any/;
	$world->{daemon}->wait_log(qr/(?:$line limit lets it: killed\n.*?){14}/s);
	is($world->{daemon}->get('/known')->{body}, $world->{known},
	    'and others are served');
	is($world->stop, 0, 'the daemon stops');
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi, which is "
		    . 'below 6', 1 if $mode eq 'on' && $abi < 6;
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $mode eq 'abi2' && $abi < 2;
		try_mode($mode);
	}
}

done_testing;
