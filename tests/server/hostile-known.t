# What SECURITY.md admits, as "can" or as a weakness, shown by trying it; and that
# it ends there. On kernels that lack a protection, what the other one keeps.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();
my $sanitized = Prong::is_sanitized();
my $folder = folder('cores');
chmod 0777, $folder;
my $listener = IO::Socket::INET->new(Listen => 50,
    LocalAddr => '127.0.0.1:0') or die "listen: $!";

sub says {
	my ($text, %more) = @_;
	return { client => $text, %more };
}

# RLIMIT_RSS and RLIMIT_LOCKS tell of the first handler, RLIMIT_CPU of an end at
# that limit; others are not told.
my @rows = (
	(map { my $limit = $_;
	    map { [ 'read_limit', "$_ $limit", says('read') ] }
	    '%sibling', '%generation' } 0, 5, 10),
	[ 'read_limit', '%sibling 7', says('ENOSYS'), off => says('read') ],
	[ 'read_limit', '%master 7', says('ENOSYS'),
	    off => says(qr/\A(read|EPERM)\z/) ],
	[ 'limit_other', '%sibling 5', says('ENOSYS'),
	    off => { skip => 'it would be limited' } ],
	# Of the scoreboard; what a request has beyond its first line is not there.
	[ 'read_table', 'GET /known', says('read') ],
	[ 'read_table', 'Host: ', says('nothing') ],
	[ 'read_penalties', undef, says('read') ],
	[ 'open_penalties', undef, says('EACCES') ],
	# Memory that max_memory does not count.
	[ 'fill_file', 128, says('had'), at => '/small' ],
	[ 'share_file', 128, says('ENOMEM'), off => says('had'),
	    at => '/small' ],
	[ 'fill_pipes', 20, says('had'), at => '/small' ],
	[ 'fill_pipes', 64, says('EMFILE'), at => '/small' ],
	# In a folder that it may write to.
	[ 'make_set_id', "$folder/file", says('made') ],
	[ 'make_set_id', '%folder/own/file2', says('EACCES'),
	    off => says(qr/\A(made|EACCES)\z/) ],
);

# Of one that may start processes.
my @free_rows = (
	[ 'share_memory', 128, says('had'), at => '/small' ],
	[ 'allocate', undef, says('ENOMEM'), at => '/small' ],
);

# On a kernel without Landlock: files are not kept, all else is.
my @without_landlock = (
	[ 'open', '/etc/passwd', says('opened') ],
	[ 'connect', '%port', says('500', log => qr/call socket is not declared/) ],
	[ 'fork', undef, says('EAGAIN', log => qr//) ],
	[ 'trace', '%sibling', says('500', log => qr/call ptrace is permitted/) ],
	(map { [ 'kill', "$_ 9", says('EPERM') ] }
	    '%generation', '%sibling', '%master') ,
);

# On one without seccomp: files, TCP and signals are kept, and calls are not.
my @without_seccomp = (
	[ 'open', '/etc/passwd', says('EACCES') ],
	[ 'connect', '%port', says('EACCES') ],
	[ 'datagram', '%port', says('connected') ],
	[ 'unknown', 1000, says('ENOSYS') ],
	[ 'execute', '/bin/sh', says('EACCES') ],
	(map { [ 'kill', "$_ 9", says('EPERM') ] }
	    '%generation', '%sibling', '%master'),
);

sub try_row {
	my ($world, $row) = @_;
	my ($deed, $with, $default, %of) = @$row;
	my $want = $of{$world->{mode}} || $default;
	my $title = "$world->{title}: $deed" . (defined $with ? " $with" : '')
	    . ($of{at} ? " at $of{at}" : '');
	$title =~ s/\Q$folder/core_dir/;
	SKIP: {
		skip "$title: $want->{skip}", 1 if $want->{skip};
		skip "$title: the sanitizers take memory for themselves", 1
		    if $sanitized && ($of{at} || '') eq '/small';
		my @wrong = eval { $world->try($deed, $want, with => $with,
		    at => $of{at}) };
		push @wrong, $@ if $@;
		ok(!@wrong, $title) or diag join "\n", @wrong;
	}
	return;
}

sub try_world {
	my ($title, $rows, %settings) = @_;
	my $world = Prong::Hostile->start(handler => 'hostile', mode => 'on',
	    title => $title, words => { port => $listener->sockport },
	    settings => "core_dir = \"$folder\";", %settings);
	try_row($world, $_) for @$rows;
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

# A set-user-id file has the rights of the server's user, and is no program that a
# route may execute.
sub try_set_id {
	my ($title, $user) = @_;
	my ($owner) = (stat "$folder/file")[4];
	is($owner, $user, "$title: a set-user-id file is the server's user's");
	unlink "$folder/file", folder('own') . '/file2';
	return;
}

# A process ends without a word if its page says that no handler is at work.
sub try_silence {
	my ($title, %settings) = @_;
	my $world = Prong::Hostile->start(handler => 'hostile', mode => 'on',
	    title => $title, %settings);
	# SIGXCPU and SIGRTMAX are of limits.
	for my $signal ('', 24, 64) {
		my @wrong = $world->try('leave_silently', says('nothing'),
		    with => $signal);
		ok(!@wrong, "$title: a handler leaves silently "
		    . ($signal && "by signal $signal")) or diag
		    join "\n", @wrong;
	}
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

# A count of the user's: a user of its own leaves other tests alone.
sub try_signals {
	my ($title, %settings) = @_;
	my $world = Prong::Hostile->start(handler => 'hostile', mode => 'on',
	    title => $title, %settings);
	my $limits = '/proc/' . $world->{daemon}->pid . '/limits';
	my ($most) = Prong::Process::slurp($limits) =~ /^Max pending signals +(\d+)/m;
	my $sent = $world->send('count_signals');
	my $got = $world->outcome($sent);
	cmp_ok($got, '>', 0, "$title: signals can be pending");
	cmp_ok(2 * $got, '<=', $most, "$title: one half of $most at most");
	$world->settle;
	is(join("\n", $world->noticed), '', "$title: others notice nothing");
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

# Another process of the same user, with and without a sandbox.
sub try_other {
	my ($mode, $user) = @_;
	my $pid = fork // die "fork: $!";
	exec 'setpriv', '--reuid', $user, '--regid', $user, '--clear-groups',
	    'sleep', 1000 if !$pid;
	wait_until { Prong::Process::title($pid) =~ /\Asleep/ } 'it';
	my $world = Prong::Hostile->start(handler => 'hostile', mode => $mode,
	    title => $mode, user => $user);
	my $want = $mode eq 'off' ? says(qr/\A(traced|EPERM)\z/)
	    : says('500', log => qr/call ptrace is permitted to no handler/);
	my @wrong = $world->try('trace', $want, with => $pid);
	ok(!@wrong, "$mode: trace another process of the user") or diag
	    join "\n", @wrong;
	is($world->stop, 0, "$mode: the daemon stops");
	kill 'KILL', $pid;
	waitpid $pid, 0;
	return;
}

# Under --once the next process has the client of the first one's socket, too.
sub try_once {
	my $text = sprintf 'plugin_dir = "%s"; sites = ( { routes = ( '
	    . '{ path = "/hostile"; hostile = { }; }, { path = "/status"; '
	    . 'static = { root = "%s"; }; allow = [ "192.0.2.9" ]; } ); } );',
	    Prong::Hostile::plugin_folder(), folder('www');
	my $forged = Prong::Hostile::escape('192.0.2.9 /status/known');
	my $octets = Prong::once(config($text), Prong::request('GET',
	    "/hostile?do=pass_on_as&hidden&with=$forged"));
	like($octets, qr{\AHTTP/1\.1 403 }, 'once: who hands itself off as '
	    . 'another client is answered as itself');
	unlike($octets, qr{HTTP/1\.1 200 }, 'and as nobody else');
	$octets = Prong::once(config($text =~ s/192\.0\.2\.9/127.0.0.1/r),
	    Prong::request('GET', "/hostile?do=pass_on_as&hidden&with=$forged"));
	like($octets, qr{\AHTTP/1\.1 200 }, 'once: which may be permitted');
	return;
}

my $server = running_as_root() ? getpwnam('prong') // getpwnam('nobody') : $>;
my $can_be_other = running_as_root()
    && !system 'setpriv --version >/dev/null 2>&1';
for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : 2);
		my @how = (mode => $mode, penalty => '5 min',
		    $mode eq 'abi2' ? (abi => 2) : ());
		try_world($mode, \@rows, @how);
		try_set_id($mode, $server);
		try_world("$mode, one that starts processes", \@free_rows, @how,
		    handler => 'hostile_free');
		next unless $can_be_other && $mode eq 'on';
		try_world("$mode, an ordinary user's", \@rows, @how,
		    user => 65534);
		try_set_id("$mode, an ordinary user's", 65534);
	}
}
try_silence('on');
try_silence('on, an ordinary user\'s', user => 65534) if $can_be_other;
try_signals('on', running_as_root() ? (user => 64137) : ());
SKIP: {
	skip 'there is no other user', 2 unless $can_be_other;
	try_other($_, 64138) for 'on', 'off';
}
try_once();
{
	# Which is of the library that the tests preload, and of nobody else.
	local $ENV{PRONG_LANDLOCK_ABI} = 0;
	try_world('a variable of the environment',
	    [ [ 'open', '/etc/passwd', says('EACCES') ] ]) if $abi > 0;
}
try_world('no Landlock', \@without_landlock, abi => 0, settings => '');
SKIP: {
	skip 'the numbers of system calls are not known here', 1
	    unless Prong::Hostile::knows_numbers();
	skip "this kernel has Landlock ABI $abi", 1 if $abi < 6;
	try_world('no seccomp', \@without_seccomp, settings => '',
	    without => 'seccomp');
}

done_testing;
