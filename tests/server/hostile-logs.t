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
	[ 'log_much', 2000, says('logged', log => qr/flood 1 \(/) ],
	(map { [ 'move_ring', $_, says('moved',
	    log => qr/^${stamp}warning: the log lines of this process are damaged/m) ] }
	    -1, -100000, 100000, '0x7fffffffffffffff'),
	# The rest is no record.
	[ 'move_ring', 3, says('moved') ],
	[ 'fill_ring', 0, says('filled') ],
	[ 'fill_ring', 255, says('filled') ],
	[ 'forge_line', "0 $forger:1: 400, forged", says('forged',
	    log => qr/^${stamp}error: connection of 127\.0\.0\.1:\d+ says: \Q$forger\E:1: 400, forged$/m) ],
	[ 'forge_line', "1 $forger - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 9 \"-\" \"-\"",
	    says('forged') ],
	[ 'forge_line', "1 a\n\001 - forged", says('forged') ],
	[ 'forge_line', "2 2026-01-01 00:00:00 prongd[1]: error: forged",
	    says('forged', log => qr/^${stamp}error: 2026.*forged$/m) ],
	[ 'forge_line', "3 a line", says('forged', log => marked('a line')) ],
	(map { [ 'forge_line', "$_ x" . 'y' x 300, says('forged',
	    log => qr/^${stamp}error: xy+$/m) ] } 4, 5, 255),
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
		    && $deed =~ /\A(?:forge_line|move_ring|fill_ring|wake_all)\z/;
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
		isnt(Prong::Process::log_process($generation), $before,
		    'another log process is started');
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
		$client->send('GET /' . 'x' x 1500 . "{ HTTP/1.0\r\n\r\n");
		$served += $client->rest =~ /\AHTTP\/1\.1 400 /;
		$client->close;
	}
	return $served;
}

# Nobody reads standard error: a pipe, and a socket as the journal's.
for my $kind ('pipe', 'socket') {
	my ($reader, $writer);
	if ($kind eq 'pipe') {
		pipe $reader, $writer or die "pipe: $!";
	} else {
		socketpair $reader, $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC
		    or die "socketpair: $!";
	}
	my $log = folder() . "/copy.$kind";
	my $config = config("access_log = \"off\"; max_connections_per_client = 0; "
	    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
	    . folder('www') . '"; }; } ); } );');
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		close $writer;
		open my $out, '>', $log or POSIX::_exit(1);
		while (sysread $reader, my $got, 65536) {
			syswrite $out, $got;
		}
		POSIX::_exit(0);
	}
	my $daemon = start($config, { log => $log, errors => $writer });
	close $writer;
	close $reader;
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
	is($daemon->prong('reload')->{status}, 0, "$kind: nor does the master");
	is($daemon->get('/x')->{status}, 404, "$kind: nor a new generation");
	kill 'CONT', $pid;
	is($daemon->stop, 0, "$kind: the daemon stops");
	waitpid $pid, 0;
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
	}
}

done_testing;
