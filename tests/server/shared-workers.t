# Workers of the second kind: they serve the routes with process = "shared", whose
# handlers are not prong's own. Connections go to them and come back.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Act;
use Prong::Process;
use Prong::Workers;

my $www = folder('www');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('share');

# Settings have each line's end.
sub start_workers {
	my ($settings) = @_;
	$settings ||= '';
	return start(config(<<"CONF"));
workers = 2; plugin_dir = "$plugins";
$settings
sites = ( { routes = (
  { path = "/share"; process = "shared"; share = { }; },
  { path = "/own"; process = "own"; share = { }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF
}

sub wait_workers {
	my ($daemon) = @_;
	wait_until { workers_of($daemon) == 4 } 'the workers';
	return workers_of($daemon, 'shared worker');
}

sub is_in { my ($pid, @pids) = @_; return grep { $pid == $_ } @pids }

# A request whose handler waits for the rest of a body.
sub begin_body {
	my ($client, $path) = @_;
	$client->send("POST $path HTTP/1.1\r\nHost: a\r\n"
	    . "Content-Length: 10\r\n\r\n12345");
}

sub pid_of {
	my ($client, $path) = @_;
	my $answer = $client->request('GET', $path || '/share/pid');
	return $answer && $answer->{status} == 200 ? $answer->{body} : 0;
}

# Whether the client's next request is answered.
sub is_served { my ($client) = @_; return pid_of($client, '/a') }

my $daemon = start_workers();
my @shared = wait_workers($daemon);
is(scalar @shared, 2, 'there are as many shared workers as others');

# Where requests are served.
{
	my $client = $daemon->connect;
	my $pid = pid_of($client);
	ok(is_in($pid, @shared), 'a shared worker serves the route');
	is(pid_of($client), $pid, 'again and again');
	is($client->request('GET', '/a')->{body}, 'a' x 1000,
	    'a file comes behind it');
	ok(is_in(pid_of($client), @shared), 'and the route behind the file');
	my $own = pid_of($client, '/own/pid');
	ok($own && !is_in($own, workers_of($daemon)),
	    'a route of its own has a process');
	is(pid_of($client), $own, 'which serves all that follows');
	my @others = map { $daemon->connect } 1 .. 8;
	is(scalar(grep { is_in(pid_of($_), @shared) } @others), 8,
	    'many clients are served');
	my %of = map { pid_of($_) => 1 } @others;
	is(scalar keys %of, 2, 'by both workers');
}

# Pipelined requests for all kinds of processes, with bodies.
{
	my $client = $daemon->connect;
	my $body = 'b' x 200_000;
	$client->send(request('GET', '/a')
	    . request('POST', '/share/body', undef, $body)
	    . request('GET', '/a') . request('GET', '/share/pid')
	    . request('POST', '/share/body', undef, 'c')
	    . request('POST', '/own/body', undef, $body)
	    . request('GET', '/a'));
	my @answers = map { $client->answer } 1 .. 7;
	is_deeply([ map { $_ ? $_->{status} : 0 } @answers ], [ (200) x 7 ],
	    'pipelined requests are all answered');
	is($answers[2]{body}, 'a' x 1000, 'in their order');
}

# Idle clients are not in the reach of handlers of others.
{
	my @clients = map { $daemon->connect } 1 .. 6;
	is(scalar(grep { is_in(pid_of($_), @shared) } @clients), 6,
	    'clients have been in shared workers');
	sleep 0.5;
	CORE::kill 'SEGV', @shared;
	wait_until { my @now = workers_of($daemon, 'shared worker');
	    @now == 2 && !is_in($now[0], @shared) && !is_in($now[1], @shared) }
	    'the next ones';
	is(scalar(grep { is_served($_) } @clients), 6,
	    'those that are idle do not notice their crash');
	@shared = workers_of($daemon, 'shared worker');
	is(scalar(grep { is_in(pid_of($_), @shared) } @clients), 6,
	    'and are served by the next ones');
}

# A crash of a handler.
{
	my @neighbours = map { $daemon->connect } 1 .. 8;
	begin_body($_, '/share/body') for @neighbours;
	my @others = map { $daemon->connect } 1 .. 8;
	is(scalar(grep { is_served($_) } @others), 8, 'beside others');
	sleep 0.2;
	my $client = $daemon->connect;
	my $answer = $client->request('GET', '/share/crash');
	is($answer && $answer->{status}, 500,
	    'a client whose handler crashes gets 500');
	ok(pid_of($daemon->connect), 'the route is served at once');
	$_->send('67890') for @neighbours;
	my $left = grep { my $a = $_->answer; $a && $a->{status} == 200 }
	    @neighbours;
	ok($left > 0 && $left < 8, 'its neighbours are cut, and no others')
	    or diag $left;
	is(scalar(grep { is_served($_) } @others), 8,
	    'who is served elsewhere notices nothing');
	wait_until { workers_of($daemon, 'shared worker') == 2 } 'the next one';
	$daemon->log_like(qr/worker [34] \(process \d+\) was ended by /,
	    'the log names the worker');
	$daemon->log_like(qr/share/, 'and the handler');
}

# What the access log has of that.
{
	my $log = Prong::absolute('crash.log');
	my $daemon = start_workers("access_log = \"$log\";\n");
	wait_workers($daemon);
	my @neighbours = map { $daemon->connect } 1 .. 6;
	is(scalar(grep { pid_of($_) } @neighbours), 6, 'six are served');
	begin_body($_, '/share/body') for @neighbours;
	sleep 0.2;
	$daemon->get('/share/crash');
	$_->send('67890') for @neighbours;
	$_->answer for @neighbours;
	is($daemon->stop, 0, 'that server stops');
	my $lines = read_file($log);
	is(scalar(() = $lines =~ /"GET \/share\/crash [^"]*" 500 /g), 1,
	    'the request that has crashed has a line');
	my $cut = () = $lines =~ /"POST \/share\/body [^"]*" 500 /g;
	my $done = () = $lines =~ /"POST \/share\/body [^"]*" 200 /g;
	ok($cut > 0 && $cut + $done == 6, 'and so has each that was cut')
	    or diag $lines;
	is(scalar(() = $lines =~ /"GET \/share\/pid/g), 6,
	    'what was done before has no second one');
}

# The client is punished, as it is for crashes elsewhere.
{
	my $daemon = start_workers("crash_penalty = \"1 min\";\n");
	wait_workers($daemon);
	pid_of($daemon->connect, '/share/crash') for 1 .. 10;
	my $answer = $daemon->get('/share/pid');
	is($answer && $answer->{status}, 503, 'one who crashes it again and again '
	    . 'is refused');
	is($daemon->stop, 0, 'that server stops');
}

# A handler that does not come to an end.
{
	my $stuck = $daemon->connect;
	$stuck->send(request('GET', '/share/loop'));
	$daemon->wait_log(qr/stands still; it is asked/);
	is(scalar(grep { pid_of($daemon->connect) } 1 .. 10), 10,
	    'where a handler loops others are served meanwhile');
	is(scalar(grep { is_served($daemon->connect) } 1 .. 10), 10,
	    'and so are files');
}

# So many become idle at once that the generation cannot keep up.
SKIP: {
	skip 'there are too few descriptors', 3
	    if POSIX::sysconf(POSIX::_SC_OPEN_MAX()) < 5000;
	my $daemon = start_workers("max_connections = 3000;\n"
	    . "max_connections_per_client = 0;\n");
	wait_workers($daemon);
	my @clients = map { $daemon->connect } 1 .. 2400;
	for (@clients) {
		pid_of($_);
		begin_body($_, '/share/body');
	}
	my $generation = generation_of($daemon);
	CORE::kill 'STOP', $generation;
	$_->send('67890') for @clients;
	is(scalar(grep { my $a = $_->answer; $a && $a->{status} == 200 }
	    @clients), 2400, 'many are served at once');
	sleep 1;
	CORE::kill 'CONT', $generation;
	is(scalar(grep { is_served($_) } @clients), 2400,
	    'and all of them once more when the generation has stood still');
	is($daemon->stop, 0, 'that server stops');
}

# A client that resets its connection on the way is no error.
{
	my $daemon = start_workers();
	wait_workers($daemon);
	my $generation = generation_of($daemon);
	CORE::kill 'STOP', $generation;
	my $client = $daemon->connect;
	$client->send(request('GET', '/share/pid'));
	sleep 0.3;
	setsockopt $client->socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
	$client->close;
	CORE::kill 'CONT', $generation;
	ok(pid_of($daemon->connect), 'others are served');
	is($daemon->stop, 0, 'that server stops');
	unlike($daemon->log, qr/error:/, 'a reset on the way is no error');
}

# A reload finishes what has begun.
{
	my $daemon = start_workers();
	wait_workers($daemon);
	my @clients = map { $daemon->connect } 1 .. 6;
	begin_body($_, '/share/body') for @clients;
	sleep 0.2;
	my $reload = $daemon->prong('reload');
	is($reload->{status}, 0, 'a reload succeeds') or diag $reload->{errors};
	$_->send('67890') for @clients;
	is(scalar(grep { my $a = $_->answer; $a && $a->{status} == 200 }
	    @clients), 6, 'the old shared workers finish their requests');
	wait_until { Prong::Process::children($daemon->pid) <= 2 }
	    'the old generation to end';
	ok(pid_of($daemon->connect), 'the new ones serve');
	is($daemon->stop, 0, 'the server stops');
	unlike($daemon->log, qr/error:/, 'without an error in the log');
}

# The client that a proxy has named stays the same.
{
	my $log = Prong::absolute('access.log');
	my $daemon = start_workers("trusted_proxies = ( \"127.0.0.1\" );\n"
	    . "proxy_protocol = true;\naccess_log = \"$log\";\n");
	wait_workers($daemon);
	my $client = $daemon->connect;
	$client->send("PROXY TCP4 203.0.113.7 127.0.0.1 1000 80\r\n");
	my @done = grep { my $a = $client->request('GET', $_);
	    $a && $a->{status} == 200 }
	    qw(/a /share/pid /share/pid /a /share/pid /own/pid);
	is(scalar @done, 6, 'a proxy\'s client is served everywhere');
	is($daemon->stop, 0, 'the server stops');
	my @lines = grep { /^203\.0\.113\.7 / } split /\n/, read_file($log);
	is(scalar @lines, 6, 'and logged by its own address');
}

$daemon->stop;
done_testing;
