# The access log when nobody reads on, or the disk is full: requests are served
# all the same, lines stay whole, and what is dropped is counted and said.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Fcntl qw(:DEFAULT F_GETFL F_SETFL);
use IO::Handle;
use IO::Select;
use JSON::PP;
use POSIX qw(mkfifo);
use Socket;
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Process;

use constant F_SETPIPE_SZ => 1031;

# A hundred lines that waited for 100 ms each would take 10 s. On a busy machine the
# requests alone take some time.
my $bound = 5;
my $count = 100;

write_file('www/a.txt', "eleven octets\n");

# The routes and a format by which a line is known to be whole. The ring of a worker
# has room for all these lines, so that none would be dropped.
sub log_config {
	my ($log, $settings) = @_;
	my $www = folder('www');
	$settings ||= '';
	return config(<<"CONF", workers => 0);
access_log = "$log"; access_log_format = "%U %s %{User-Agent}i end";
max_requests = 0; max_connections_per_client = 0; $settings
sites = ( { routes = ( { path = "/status"; status = { }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF
}

my $agent = 'a' x 500;
my $line = qr/\/a\.txt 200 a{500} end\n/;

sub seconds (&) {
	my ($code) = @_;
	my $begun = time;
	$code->();
	return time - $begun;
}

# That many requests on a connection of their own, all answered.
sub ask_for {
	my ($daemon, $count) = @_;
	my $client = $daemon->connect;
	my $good = 0;
	for (1 .. $count) {
		my $answer = $client->request('GET', '/a.txt',
		    [ "User-Agent: $agent" ]);
		$good += $answer && $answer->{status} == 200;
	}
	$client->close;
	return $good;
}

{
	my $daemon = start(log_config('off'));
	$bound += 3 * seconds { ask_for($daemon, 1) for 1 .. $count };
	$daemon->stop;
}

sub settled {
	my ($daemon) = @_;
	my ($generation) = Prong::Process::children($daemon->pid);
	wait_until { !Prong::Process::children($generation) }
	    'the connections\' end';
}

sub status {
	my ($daemon) = @_;
	my $answer = $daemon->get('/status?format=json');
	settled($daemon);
	return decode_json($answer->{body});
}

# Everything that is there, without waiting.
sub drained {
	my ($reader) = @_;
	my $got = '';
	$reader->blocking(0);
	1 while sysread $reader, $got, 65536, length $got;
	return $got;
}

# That many dropped lines, of connections that have ended: the log process writes
# their lines a moment later.
sub dropped_ok {
	my ($daemon, $count) = @_;
	my ($asked, $dropped) = (0, 0);
	# The lines of earlier requests for the status are dropped, too.
	wait_until { $dropped = status($daemon)->{log}{dropped};
	    $dropped >= $count + $asked++ } 'the count';
	cmp_ok($dropped, '<=', $count + $asked, 'its lines are counted');
	return $asked;
}

# What is known of requests that have all been answered: lines and no parts of
# them, and each that is missing is counted.
sub accounted_ok {
	my ($daemon, $reader, $total, $title) = @_;
	settled($daemon);
	my ($got, $dropped, $lines, $asked) = ('', 0, 0, 0);
	wait_until {
		$got .= drained($reader);
		$dropped = status($daemon)->{log}{dropped};
		$asked++;
		# Lines of requests for the status may be on their way.
		$lines = () = $got =~ /^(?!\/status ).*\n/mg;
		$lines + $dropped >= $total;
	} 'all lines';
	$got =~ s/^\/status .*\n//mg;
	like($got, qr/\A(?:$line)*\z/, "$title: lines are whole");
	cmp_ok($dropped, '>', 0, "$title: some are dropped");
	cmp_ok($lines + $dropped, '<=', $total + $asked,
	    "$title: every line is accounted for");
	like($daemon->get('/status')->{body},
	    qr/^access log +$dropped lines dropped$/m,
	    "$title: people are told how many");
	$daemon->wait_log(qr/lines? of the access log/);
	my $said = () = $daemon->log
	    =~ /warning: \d+ lines? of the access log (?:was|were) dropped: its reader is too slow$/mg;
	is($said, 1, "$title: the log says so once in a minute");
}

# A daemon with a log that is stuck.
sub stuck_ok {
	my ($title, $daemon, $reader) = @_;
	my $good;
	drained($reader);
	cmp_ok(seconds { $good = ask_for($daemon, $count) }, '<', $bound,
	    "$title: requests of a connection are not held up");
	is($good, $count, "$title: and answered");
	settled($daemon);
	$good = 0;
	cmp_ok(seconds { $good += ask_for($daemon, 1) for 1 .. $count }, '<',
	    $bound, "$title: neither are those of many");
	is($good, $count, "$title: and they are answered");
	accounted_ok($daemon, $reader, 2 * $count, $title);
	my $before = status($daemon)->{log}{dropped};
	drained($reader);
	is(ask_for($daemon, 3), 3, "$title: the reader reads on");
	my $got = '';
	wait_until { $got .= drained($reader); 3 <= (() = $got =~ /^\/a/mg) }
	    'lines';
	$got =~ s/^\/status .*\n//mg;
	like($got, qr/^(?:$line){3}\z/m, "$title: and has lines");
	is(status($daemon)->{log}{dropped}, $before, "$title: all of them");
	is($daemon->stop, 0, "$title: the daemon stops");
}

sub fifo {
	my ($name) = @_;
	my $path = folder('logs') . "/$name";
	mkfifo($path, 0600) or die "mkfifo $path: $!";
	return $path;
}

sub reader_of {
	my ($path) = @_;
	sysopen my $reader, $path, O_RDONLY | O_NONBLOCK or die "$path: $!";
	fcntl $reader, F_SETPIPE_SZ, 4096 or die "F_SETPIPE_SZ: $!";
	return $reader;
}

{
	my $path = fifo('stuck');
	my $reader = reader_of($path);
	stuck_ok('a named pipe', start(log_config($path)), $reader);
}

# Standard output, which others have too: its flags are theirs.
{
	pipe my $reader, my $writer or die "pipe: $!";
	fcntl $reader, F_SETPIPE_SZ, 4096 or die "F_SETPIPE_SZ: $!";
	my $flags = fcntl $writer, F_GETFL, 0;
	for my $name ('-', '/dev/stdout') {
		stuck_ok("a pipe at $name", start(log_config($name),
		    { output => $writer }), $reader);
		is(fcntl($writer, F_GETFL, 0), $flags,
		    'flags that others share are unchanged');
	}
}
{
	socketpair my $reader, my $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC
	    or die "socketpair: $!";
	setsockopt $writer, SOL_SOCKET, SO_SNDBUF, 4096 or die "SO_SNDBUF: $!";
	my $flags = fcntl $writer, F_GETFL, 0;
	stuck_ok('a socket', start(log_config('-'), { output => $writer }),
	    $reader);
	is(fcntl($writer, F_GETFL, 0), $flags, 'its flags are unchanged');
}

# A pipe that nobody reads at all, and then somebody does.
{
	my $path = fifo('alone');
	my $daemon = start(log_config($path));
	is(ask_for($daemon, 20), 20, 'a pipe without a reader holds nobody up');
	$daemon->wait_log(qr/lines? of the access log w\w+ dropped: nobody reads it$/m);
	dropped_ok($daemon, 20);
	my $reader = reader_of($path);
	is(ask_for($daemon, 1), 1, 'a reader comes');
	my $got = '';
	wait_until { ($got .= drained($reader)) =~ /^\/a/m } 'a line';
	like($got, qr/^$line/m, 'and has the next line');
	is($daemon->stop, 0, 'the daemon stops');
}

# A full disk.
{
	my $daemon = start(log_config('/dev/full'));
	is(ask_for($daemon, 20), 20, 'a full disk holds nobody up');
	$daemon->wait_log(qr/lines? of the access log w\w+ dropped: No space left on device$/m);
	my $asked = dropped_ok($daemon, 20);
	is(ask_for($daemon, 20), 20, 'requests go on');
	settled($daemon);
	my $said = () = $daemon->log =~ /No space left/g;
	is($said, 1, 'that is not said again at once');
	is($daemon->stop, 0, 'the daemon stops');
	my $all = 0;
	$all += $_ for $daemon->log =~ /(\d+) lines? of the access log/g;
	is($all, 40 + $asked, 'at its end all have been said');
	my @answer = responses(once(log_config('/dev/full'),
	    request('GET', '/a.txt') x 3), ('GET') x 3);
	is(scalar @answer, 3, 'the same for a connection alone');
	my $errors = Prong::errors();
	is(scalar(() = $errors =~ /a line of the access log was dropped.*: No space left/g), 1,
	    'which says it once');
}

# Many at once, and a reader that reads: nothing is torn, and hardly anything
# dropped.
{
	my ($clients, $turns) = (50, 10);
	pipe my $reader, my $writer or die "pipe: $!";
	my $path = folder() . '/lines';
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		close $writer;
		open my $out, '>', $path or POSIX::_exit(1);
		while (sysread $reader, my $got, 65536) {
			syswrite $out, $got;
		}
		POSIX::_exit(0);
	}
	my $daemon = start(log_config('-'), { output => $writer });
	close $writer;
	my @clients = map { $daemon->connect } 1 .. $clients;
	for my $turn (1 .. $turns) {
		$_->send(Prong::request('GET', '/a.txt',
		    [ 'User-Agent: ' . 'b' x 1100 ])) for @clients;
		$_->answer for @clients;
	}
	$_->close for @clients;
	settled($daemon);
	my $dropped = status($daemon)->{log}{dropped};
	is($daemon->stop, 0, 'the daemon stops');
	waitpid $pid, 0;
	my $got = read_file($path);
	$got =~ s/^\/status .*\n//mg;
	like($got, qr/\A(?:\/a\.txt 200 b{1100} end\n)*\z/,
	    'lines of many connections into a pipe are whole');
	is((() = $got =~ /\n/g) + $dropped, $clients * $turns,
	    'and all there, or counted');
	cmp_ok($dropped, '<', $clients * $turns / 2, 'most are there');
}

done_testing;
