# A handler that does harm to the logs: nobody else's lines are lost, changed or
# read, and no line can pass for another client's.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Socket;
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();
my $stamp = qr/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d prongd\[\d+\]: /;
my $forger = '203.0.113.9';

sub says {
	my ($text, %more) = @_;
	return { client => $text, %more };
}

# What a line of standard error becomes.
sub marked {
	my ($text) = @_;
	return qr/^${stamp}info: stderr: $text$/m;
}

my @rows = (
	[ 'make_large', 40, says('nothing') ],
	[ 'shut_all', undef, says('nothing') ],
	[ 'lock_all', undef, says('tried') ],
	[ 'change_flags', 0, says('tried') ],
	[ 'change_flags', 2048, says('tried') ],
	[ 'read_logs', undef, says('nothing') ],
	[ 'splice_all', 'spliced', says('tried') ],
	[ 'say', 'a line', says('said', log => marked('a line')) ],
	[ 'say', "$forger:1: 400, forged", says('said',
	    log => marked(qr/\Q$forger\E:1: 400, forged/)) ],
	[ 'say', "two\n2026-01-01 00:00:00 prongd[1]: error: forged",
	    says('said', log => marked(qr/2026.*error: forged/)) ],
	[ 'say', "\e[31m\r\x80", says('said',
	    log => marked(qr/\\x1b\[31m\\x0d\\x80/)) ],
	[ 'say_much', 2000, says('said', log => marked(qr/x+/)) ],
	# It waits for its own ring.
	[ 'log_much', 2000, says('logged', log => qr/flood 1, id/) ],
	(map { [ 'move_ring', $_, says('moved',
	    log => qr/^${stamp}warning: the log lines of this process are damaged/m) ] }
	    -1, -100000, 100000, '0x7fffffffffffffff'),
	# The rest is no record.
	[ 'move_ring', 3, says('moved') ],
	# A worker's ring, which has the lines of the honest, is not inherited.
	[ 'duplicate_all', 'GET /honest', says('nothing'),
	    off => says($ENV{PRONG_WORKERS} ? 'nothing' : 'read') ],
	[ 'read_ring', 'GET /honest', says('nothing') ],
	[ 'fill_ring', 0, says('filled') ],
	[ 'fill_ring', 255, says('filled') ],
	[ 'forge_line', "0 $forger:1: 400, forged", says('forged',
	    log => qr/^${stamp}error: connection of 127\.0\.0\.1:\d+ says: \Q$forger\E:1: 400, forged$/m) ],
	(map { [ 'forge_line', "0 $_", says('forged',
	    log => qr/^${stamp}error: connection of 127\.0\.0\.1:\d+ says: (?:\\x09)?\s*\Q@{[ s{^\s+}{}r ]}\E$/m) ] }
	    "$forger:1 forged", "$forger, forged", " $forger:1: forged",
	    "\t$forger:1: forged", 'fe80::1%.1: forged', 'ab::cd forged',
	    'unix:7: forged', "127.0.0.1: forged", '127.0.0.1:1: forged'),
	[ 'forge_line', '0 a bad: line', says('forged',
	    log => qr/^${stamp}error: a bad: line$/m) ],
	[ 'forge_line', '0 bad: line', says('forged',
	    log => qr/^${stamp}error: bad: line$/m) ],
	[ 'forge_line', "1 $forger - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 9 \"-\" \"-\"",
	    says('forged') ],
	[ 'forge_line', "1 a\n\001 - forged", says('forged') ],
	[ 'forge_line', "2 2026-01-01 00:00:00 prongd[1]: error: forged",
	    says('forged', log => qr/^${stamp}error: 2026.*forged$/m) ],
	[ 'forge_line', "3 a line", says('forged', log => marked('a line')) ],
	(map { [ 'forge_line', "$_ x" . 'y' x 300, says('forged',
	    log => qr/^${stamp}error: xy+$/m) ] } 4, 6, 255),
	# a complaint is two numbers of four octets
	(map { [ 'forge_line', "5 $_", says('forged') ] }
	    'x', "\xff" x 8, "\001\001\001\001\xff\xff\xff\xff", 'y' x 300),
	[ 'wake_all', undef, says('woken') ],
	[ 'requeue', undef, says('ENOSYS'), off => says('moved') ],
	[ 'kill', '%logs 9', says('EPERM'), off => { skip =>
	    'it would be killed' } ],
	[ 'kill', '%logs 19', says('EPERM'), off => { skip =>
	    'it would be stopped' } ],
	[ 'trace', '%logs', { client => qr/\A(500|EPERM)\z/, log => qr// },
	    off => { skip => 'it would stay traced' } ],
	[ 'open_memory', '%logs', says('EACCES'), off => says(
	    qr/opened|EACCES/) ],
	[ 'limit', '%logs', says('ENOSYS'), off => { skip =>
	    'it would be limited' } ],
	# Its lines are in the ring when it is killed.
	[ 'kill_itself', 9, { client => 'nothing', log =>
	    qr/was ended by signal 9/ } ],
);

my @free_rows = (
	[ 'leave_writer', 30, says('left', log => marked('from a child')) ],
	[ 'say', 'a line', says('said', log => marked('a line')) ],
);

my %may_warn = map { $_ => 1 } qw(move_ring fill_ring forge_line);

sub access_of {
	my ($world) = @_;
	my ($path) = $world->text =~ /access_log = "([^"]+)"/;
	return read_file($path);
}

# The honest clients' lines are all there, and none is another's.
sub access_ok {
	my ($world, $title) = @_;
	my $before = () = access_of($world) =~ m{"GET /honest }g;
	my $client = $world->{daemon}->connect;
	$client->request('GET', '/honest') for 1 .. 3;
	$client->close;
	$world->settle;
	$world->settle_log;
	my $text = access_of($world);
	my @wrong;
	push @wrong, 'lines are missing'
	    if 3 != (() = $text =~ m{^127\.0\.0\.1 - - \[[^]]+\] "GET /honest HTTP/1\.1" 404 }mg) - $before;
	push @wrong, "a line is forged: $1"
	    if $text =~ /^((?!127\.0\.0\.1 ).*)$/m;
	push @wrong, "octets are raw: $1" if $text =~ /([^ -~\n]+)/;
	return @wrong;
}

sub try_row {
	my ($mode, $world, $row) = @_;
	my ($deed, $with, $default, %how) = @$row;
	my $want = $how{$mode} || $default;
	(my $title = "$mode: $world->{title} $deed " . ($with // ''))
	    =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
	SKIP: {
		skip "$title: $want->{skip}", 1 if $want->{skip};
		skip "$title: the sanitizers end its search for the ring", 1
		    if Prong::is_sanitized()
		    && $deed =~ /\A(?:forge_line|move_ring|fill_ring|read_ring|duplicate_all|wake_all)\z/;
		$want = { %$want, log => qr// }
		    if $may_warn{$deed} && !$want->{log};
		my @wrong = eval { $world->try($deed, $want, with => $with) };
		push @wrong, $@ if $@;
		push @wrong, access_ok($world);
		my @strange = grep { !/\A$stamp/ && !m{\A[/\[]} }
		    split /\n/, $world->{daemon}->log;
		push @wrong, "the error log has \"$strange[0]\"" if @strange;
		ok(!@wrong, substr $title, 0, 120) or diag join "\n", @wrong;
	}
}

sub try_world {
	my ($mode, $rows, $title, %settings) = @_;
	my $world = Prong::Hostile->start(mode => $mode, title => $title,
	    $mode eq 'abi2' ? (abi => 2) : (), %settings);
	try_row($mode, $world, $_) for @$rows;
	is($world->stop, 0, "$mode: the daemon of $title stops");
}

sub pipes_of {
	my ($world) = @_;
	my ($pid) = grep { $_ != $world->{sibling} }
	    Prong::Process::children($world->{generation});
	# Below its guardian, if it has one.
	my $connection = (Prong::Process::tree($pid || 0))[-1];
	my %open = Prong::Process::descriptors($connection);
	return $pid ? grep { /\Apipe:/ } values %open : 'no process';
}

# A pipe that nobody can write to any more is not waited for: the wait would never
# rest. The next handler has one again.
sub try_ended_stderr {
	my ($mode) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile');
	for my $ends (1, 2) {
		my $client = $world->{daemon}->connect;
		my $sent = { log => length $world->{daemon}->log };
		is($client->request('GET', "/hostile?do=end_stderr&with=$ends")
		    ->{body}, "ended\n", "$mode: a handler closes standard error");
		wait_until { !pipes_of($world) } 'the end of the pipe';
		is($client->request('GET', '/hostile?do=say&with=again')->{body},
		    "said\n", 'its connection goes on');
		$client->close;
		$world->settle;
		$world->settle_log;
		like($world->log_since($sent), marked('again'),
		    'and its next request has standard error');
	}
	is($world->stop, 0, "$mode: the daemon stops");
}

try_ended_stderr($_) for 'on', 'off';

# A handler at work does not end untold, whatever it has done to the ring that its
# guardian logs by, too. 137 and 152 are what a guardian ends with itself.
sub try_silent_ends {
	my ($mode) = @_;
	my $world = Prong::Hostile->start(mode => $mode, words => {},
	    handler => 'hostile_free', $mode eq 'abi2' ? (abi => 2) : ());
	my $line = qr/prongd\[$world->{generation}\]: error: connection process \d+ of 127\.0\.0\.1:\d+ was/;
	for my $damage (0, 1, '0x10000000000', '0xffffffffffff0000') {
		for my $status (3, 137, 152, -1) {
			my $sent = $world->send('damage_and_exit',
			    with => "$damage $status",
			    at => $status < 0 ? '/cpu' : '/hostile');
			$world->outcome($sent);
			$world->settle;
			$world->settle_log;
			my $log = $world->log_since($sent);
			my $end = $status < 0 ? qr/killed by its guardian/
			    : qr/ended by its handler hostile_free/;
			like($log, qr/$line $end/, "$mode: an end with $status "
			    . "and a ring that claims $damage more is told");
		}
	}
	is($world->stop, 0, "$mode: the daemon stops");
	return;
}

SKIP: {
	skip 'the sanitizers end the search for the ring', 1
	    if Prong::is_sanitized();
	my $abi = Prong::Hostile::landlock_abi();
	for my $mode (qw(on abi2 off)) {
		try_silent_ends($mode)
		    if $abi >= ($mode eq 'on' ? 6 : $mode eq 'abi2' ? 2 : 0);
	}
}

# How many octets others have logged is seen by all. It is all that is seen: the
# lines themselves are in memory that it has not (read_ring, duplicate_all).
sub try_octets {
	my ($mode, %how) = @_;
	my $title = $how{user} ? "$mode, an ordinary user's" : $mode;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    $mode eq 'abi2' ? (abi => 2) : (), %how);
	my $client = $world->send('count_octets')->{client};
	1 while $client->{got} !~ /^(\d+ octets|no word)/m && $client->fill;
	like($client->{got}, qr/^\d+ octets/m, "$title: what tells it is there, "
	    . 'and cannot be made writable');
	my ($before) = $client->{got} =~ /^(\d+) octets/m;
	is(($world->{kept}->request('GET', '/honest') || {})->{status}, 404,
	    "$title: an honest client is served");
	my @told;
	1 while $before && (@told = $client->{got} =~ /^(\d+) octets/mg) < 2
	    && $client->fill;
	my $line = wait_until { access_of($world) =~ m{^(.*"GET /honest .*)$}m
	    ? $1 : undef } 'the line';
	# A record has a head, and lacks what the log process knows itself.
	cmp_ok(abs(($told[1] // 0) - $before - length $line), '<', 16,
	    "$title: it sees how long the line of another is");
	$client->close;
	$world->settle;
	is(join("\n", $world->noticed), '', "$title: others notice nothing");
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

# Behind a proxy that is trusted a connection names its client itself, also a broken
# one; a client that is not of the proxy does not.
sub try_proxy {
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    settings => 'trusted_proxies = [ "127.0.0.9" ]; '
	    . 'proxy_protocol = true;');
	my $line = Prong::Hostile::escape("1 $forger - - [01/Jan/2026:00:00:00 "
	    . '+0000] "GET / HTTP/1.1" 200 9 "-" "-"');
	for my $from ('127.0.0.1', '127.0.0.9') {
		my $client = $world->{daemon}->connect(undef, $from);
		$client->send("PROXY TCP4 192.0.2.1 198.51.100.1 4711 80\r\n")
		    if $from eq '127.0.0.9';
		is($client->request('GET', "/hostile?do=forge_line&with=$line")
		    ->{body}, "forged\n", "$from: a line is forged");
		$client->close;
		$world->settle;
		$world->settle_log;
		my $forged = access_of($world) =~ /^\Q$forger\E /m;
		is($forged ? 1 : 0, $from eq '127.0.0.9' ? 1 : 0, "$from: and has "
		    . 'another client only behind a trusted proxy');
	}
	is($world->stop, 0, 'the daemon stops');
	return;
}

# What is wrong with the log process, or with who reads the logs, is nobody
# else's trouble.
sub daemon_for {
	my ($log) = @_;
	return start(config("access_log = \"$log\"; max_connections_per_client "
	    . '= 0; sites = ( { routes = ( { path = "/"; static = { root = "'
	    . folder('www') . '"; }; } ); } );'));
}

{
	my $log = folder('log') . '/killed';
	my $daemon = daemon_for($log);
	my ($generation) = Prong::Process::children($daemon->pid);
	my $kept = $daemon->connect;
	for my $turn (1 .. 3) {
		my $before = Prong::Process::log_process($generation);
		kill 'STOP', $before;
		is($kept->request('GET', '/x')->{status}, 404,
		    'while the log process is stopped, requests are served');
		is($daemon->get('/x')->{status}, 404, 'and connections');
		kill 'KILL', $before;
		$daemon->wait_log(qr/error: the log process $before was ended by signal 9/);
		my $next = wait_until {
			Prong::Process::log_process($generation) }
		    'another log process';
		isnt($next, $before, 'another log process is started');
		wait_until { 2 * $turn == (() = read_file($log) =~ /\n/g) }
		    'all lines';
		pass('and no line is lost');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

# Requests that are logged, on connections of their own; how many were answered.
sub malformed {
	my ($daemon, $count) = @_;
	my $served = 0;
	for (1 .. $count) {
		my $client = $daemon->connect;
		$client->send('GET /' . 'x' x 1500 . "\\ HTTP/1.0\r\n\r\n");
		$served += $client->rest =~ /\AHTTP\/1\.1 400 /;
		$client->close;
	}
	return $served;
}

# Standard error is a pipe, which the server's user owns, or a socket as the
# journal's. No handler shuts or reads it; and nobody waits if it is not read.
sub try_standard_error {
	my ($kind, $user) = @_;
	my ($reader, $writer);
	if ($kind eq 'pipe') {
		pipe $reader, $writer or die "pipe: $!";
	} else {
		socketpair $reader, $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC
		    or die "socketpair: $!";
	}
	my $log = folder() . "/copy.$kind.$user";
	my $config = config("access_log = \"off\"; max_connections_per_client = 0; "
	    . 'plugin_dir = "' . Prong::Hostile::plugin_folder() . '"; '
	    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
	    . folder('www') . '"; }; }, { path = "/hostile"; hostile = { }; } '
	    . '); } );');
	chown $user, $user, $reader, $writer if $user && $kind eq 'pipe';
	my $program = $user ? Prong::Hostile::wrapped($user, 0) : $ENV{PRONGD};
	my $control = folder("control-$kind-$user") . '/control';
	chown $user, $user, folder("control-$kind-$user") if $user;
	$kind .= ' of an ordinary user' if $user;
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		close $writer;
		open my $out, '>', $log or POSIX::_exit(1);
		while (sysread $reader, my $got, 65536) {
			syswrite $out, $got;
		}
		POSIX::_exit(0);
	}
	my $daemon = do {
		local $ENV{PRONGD} = $program;
		start($config, '--control', $control,
		    { log => $log, errors => $writer });
	};
	close $writer;
	close $reader;
	for my $deed ('shut_all', 'read_logs') {
		is($daemon->get("/hostile?do=$deed")->{body}, "nothing\n",
		    "$kind: a handler can $deed nothing");
	}
	$daemon->get('/hostile?do=say&with=words');
	wait_until { read_file($log) =~ /stderr: words$/m } 'a later line';
	kill 'STOP', $pid;
	is(malformed($daemon, 400), 400,
	    "$kind: nobody waits for who does not read");
	kill 'CONT', $pid;
	wait_until {
		malformed($daemon, 1);
		read_file($log) =~ /warning: \d+ lines? of the error log w\w+ dropped: its reader is too slow/;
	} 'the count';
	pass("$kind: the dropped lines are counted when it works again");
	kill 'STOP', $pid;
	is(malformed($daemon, 400), 400, "$kind: nor the next time");
	is(Prong::prong('-s', $control, 'reload')->{status}, 0,
	    "$kind: nor does the master");
	is($daemon->get('/x')->{status}, 404, "$kind: nor a new generation");
	kill 'CONT', $pid;
	is($daemon->stop, 0, "$kind: the daemon stops");
	waitpid $pid, 0;
	return;
}

for my $kind ('pipe', 'socket') {
	try_standard_error($kind, 0);
	try_standard_error($kind, 65534) if running_as_root
	    && !system 'setpriv --version >/dev/null 2>&1';
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : 2);
		try_world($mode, \@rows, 'hostile', handler => 'hostile');
		try_world($mode, \@free_rows, 'hostile_free',
		    handler => 'hostile_free');
		try_world($mode, \@rows, 'an ordinary user\'s hostile',
		    handler => 'hostile', user => 65534)
		    if running_as_root && $mode eq 'on';
		skip "$mode: the sanitizers end its search for the word", 1
		    if Prong::is_sanitized();
		try_octets($mode);
		try_octets($mode, user => 65534)
		    if running_as_root && $mode eq 'on';
	}
}
# The last, since all share an access log.
SKIP: {
	skip 'the sanitizers end its search for the ring', 1
	    if Prong::is_sanitized();
	try_proxy() if $abi >= 6;
}

done_testing;
