# Stopping: what is in flight is finished, what is idle ends, nothing is left.
# And starting where something is in the way.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::IP;
use IO::Socket::UNIX;
use Socket qw(SOCK_STREAM);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Process;

my $routes = '{ path = "/"; static = { root = "' . folder('www')
    . '"; }; }, { path = "/echo"; echo = { }; }';
write_file('www/index.html', "hello\n");

sub configure {
	my ($text) = @_;
	return config("$text access_log = \"off\";\n"
	    . "sites = ( { routes = ( $routes ); } );");
}

# A client whose request is in flight for sure: the handler asks for the body,
# of which the client then sends a part.
sub begin_post {
	my ($daemon) = @_;
	my $client = $daemon->connect;
	$client->send(Prong::request('POST', '/echo', [ 'Content-Length: 10',
	    'Expect: 100-continue' ]));
	wait_until {
		$client->{got} =~ /\AHTTP\/1\.1 100 .*\r\n\r\n/s
		    || ($client->fill, 0)[1];
	} '100 Continue';
	$client->send('01234');
	return $client;
}

sub idle_client {
	my ($daemon) = @_;
	my $client = $daemon->connect;
	$client->request('GET', '/')->{status} == 200
	    or die 'the idle client was not served';
	return $client;
}

sub gone {
	my (@pids) = @_;
	return wait_until { !grep { Prong::Process::lives($_) } @pids }
	    "the end of @pids";
}

for my $signal (qw(TERM INT)) {
	my $daemon = start(configure('stop_grace = "60 s";'));
	my $busy = begin_post($daemon);
	my $idle = idle_client($daemon);
	my @before = Prong::Process::tree_with_logs($daemon->pid);
	is($daemon->connections, 2, 'there are two connections');

	$daemon->kill($signal);
	is($idle->rest, '', "SIG$signal closes an idle connection");
	ok(Prong::Process::lives($daemon->pid),
	    'the master waits for the request in flight');
	$daemon->wait_closed;
	pass('nobody can connect any more');
	$busy->send('56789');
	my $answer = $busy->answer('POST');
	is($answer->{status}, 200, 'the request in flight is answered');
	is($answer->{body}, '0123456789', 'with its whole body');
	is($answer->field('Connection'), 'close', 'and told that it was last');
	is($busy->rest, '', 'its connection ends');
	$busy->close;
	is($daemon->wait, 0, 'the master exits with status 0');
	ok(gone(@before), 'no process is left');
	is_deeply([ map { Prong::Process::in_group($_) } @before ], [],
	    'nor is one in a process group of theirs');
	unlike($daemon->log, qr/error|warning/, 'nothing in the log is amiss');
}

{
	my $daemon = start(configure('stop_grace = "200 ms";'));
	my $busy = begin_post($daemon);
	my @before = Prong::Process::tree($daemon->pid);
	is($daemon->stop, 0, 'a request that does not finish within stop_grace '
	    . 'does not keep the daemon');
	ok(gone(@before), 'its process is ended');
	unlike($busy->rest, qr/HTTP\/1\.1 200/, 'it was not answered');
	$daemon->log_like(qr/ended 1 connection.* stop_grace/,
	    'the log tells');
}

{
	my $daemon = start(configure('stop_grace = "300 s";'));
	my $busy = begin_post($daemon);
	my @before = Prong::Process::tree($daemon->pid);
	$daemon->kill('TERM');
	$daemon->wait_log(qr/stopping/);
	is($daemon->stop, 0, 'a second signal does not wait for the grace');
	ok(gone(@before), 'and leaves no process');
}

# Who has connected is about to ask.
{
	my $daemon = start(configure('stop_grace = "60 s";'));
	my @new = map { $daemon->connect } 1 .. 2;
	wait_until { $daemon->connections == 2 } 'both connections';
	$daemon->kill('TERM');
	$daemon->wait_closed;
	my $answer = $new[0]->request('GET', '/');
	is($answer->{body}, "hello\n", 'a client who had just connected is '
	    . 'answered');
	is($answer->field('Connection'), 'close', 'and told that it was last');
	is($new[1]->rest, '', 'one who says nothing is not waited for long');
	is($daemon->wait, 0, 'the daemon ends');
}

# Sockets in the file system.
my $path = folder() . '/socket';
my $on_unix = configure("listen = [ \"unix:$path\" ];");
{
	my $daemon = start($on_unix);
	ok(-S $path, 'a Unix socket is there while the daemon runs');
	is($daemon->get('/')->{body}, "hello\n", 'and serves');
	is($daemon->stop, 0, 'the daemon stops');
	ok(!-e $path, 'its socket file is removed');
}

{
	IO::Socket::UNIX->new(Local => $path, Listen => 1)->close;
	ok(-S $path, 'a socket whose server has gone');
	my $daemon = start($on_unix);
	is($daemon->get('/')->{body}, "hello\n", 'is replaced');
	$daemon->log_like(qr/stale socket \Q$path\E/, 'which the log tells');
	$daemon->stop;
}

{
	my $other = IO::Socket::UNIX->new(Local => $path, Listen => 1);
	my $run = prongd('-c', $on_unix);
	is($run->{status}, 1, 'a socket that another serves is an error');
	like($run->{errors}, qr/\Q$path\E.*in use/i, 'which is told');
	ok(IO::Socket::UNIX->new(Peer => $path), 'and the socket stays');
	my @queue = map { IO::Socket::UNIX->new(Peer => $path,
	    Timeout => 0.01) } 1 .. 4;
	is(prongd('-c', $on_unix)->{status}, 1,
	    'also when its backlog is full');
	unlink $path;
}

{
	write_file($path, 'precious');
	my $run = prongd('-c', $on_unix);
	is($run->{status}, 1, 'a file that is no socket is an error');
	like($run->{errors}, qr/\Q$path\E/, 'which is told');
	is(read_file($path), 'precious', 'and the file stays');
	unlink $path;
}

{
	my $other = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1,
	    LocalPort => 0) or die "listen: $@";
	my $where = '127.0.0.1:' . $other->sockport;
	my $run = prongd('-c', configure(
	    "listen = [ \"unix:$path\", \"$where\" ];"));
	is($run->{status}, 1, 'an address that is in use is an error');
	like($run->{errors}, qr/\Q$where\E.*in use.*another/i,
	    'which is told, with what to do');
	ok(!-e $path, 'a socket file made before it is removed');
}

done_testing;
