# Pools: processes of a route that serve one client after the other.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Act;
use Prong::Load;
use Prong::Process;
use Prong::Workers;

my $www = folder('www');
my $folder = folder('deeds');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('reuse');

# Settings of the pool; more of the server.
sub start_pool {
	my ($pool, $server, $route) = @_;
	$_ ||= '' for $server, $route;
	$pool .= ' requests = 100000;' unless $pool =~ /requests/;
	return start(config(<<"CONF"));
workers = 2; plugin_dir = "$plugins"; $server
sites = ( { routes = (
  { path = "/pool"; processes = { $pool }; $route
    reuse = { folder = "$folder"; }; },
  { path = "/other"; processes = { max = 1; requests = 100000; };
    reuse = { folder = "$folder"; }; },
  { path = "/own"; process = "own"; reuse = { }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF
}

sub members {
	my ($daemon, $path) = @_;
	return workers_of($daemon, 'pool ' . ($path || '/pool'));
}

# A new connection for each.
sub text_of {
	my ($daemon, $path) = @_;
	my $answer = $daemon->request('GET', $path);
	return $answer ? $answer->{body} : undef;
}

sub pid_of {
	my ($client, $path) = @_;
	my $answer = $client->request('GET', $path || '/pool/pid');
	return $answer && $answer->{status} == 200 ? $answer->{body} : 0;
}

sub deed {
	my ($name, $is_there) = @_;
	if ($is_there) { write_file("deeds/$name", '') }
	else { unlink "$folder/$name" }
	return;
}

# Ticks of processor time.
sub ticks_of {
	my ($pid) = @_;
	my ($rest) = Prong::Process::slurp("/proc/$pid/stat") =~ /\) (.*)/s;
	my @fields = split ' ', $rest;
	return $fields[11] + $fields[12];
}

# One that waits for a client takes no processor time.
{
	my $daemon = start_pool('max = 1; spare = 1;');
	like(text_of($daemon, '/pool/pid'), qr/\A\d+\z/, 'a client');
	my ($pid) = members($daemon);
	my $before = ticks_of($pid);
	sleep 1;
	my $took = ticks_of($pid) - $before;
	cmp_ok($took, '<=', 2, 'a process without a client takes no time');
	is($daemon->stop, 0, 'the daemon stops');
}

# More clients than processes: the porter has to keep up with the generation.
{
	my $daemon = start_pool('max = 8; queue = 200; queue_timeout = "60 s";',
	    'max_connections_per_client = 0;');
	my $result = Prong::Load->run('-c', 64, '-n', 4000, '-p', '/pool/pid',
	    $daemon->address);
	is($result->{errors}, 0, 'no client of many is lost')
	    or diag $result->{line};
	is($daemon->stop, 0, 'the daemon stops');
}

# One process serves one client after the other.
{
	my $daemon = start_pool('max = 1; spare = 1;');
	wait_until { members($daemon) == 1 } 'the process';
	my ($pid) = members($daemon);
	is(text_of($daemon, '/pool/count'), "$_ of 1", "client $_")
	    for 1 .. 3;
	is(text_of($daemon, '/pool/pid'), $pid, 'by the process of the pool');
	my $client = $daemon->connect;
	is(pid_of($client), $pid, 'a connection is kept');
	is($client->request('GET', '/a')->{body}, 'a' x 1000,
	    'a file comes behind it');
	is(pid_of($client), $pid, 'and the route behind the file');
	isnt(pid_of($client, '/other/pid'), $pid,
	    'another pool has processes of its own');
	is(pid_of($client), $pid, 'the connection comes back');
	my $own = pid_of($client, '/own/pid');
	ok($own && $own != $pid, 'a route of its own has a process');
	is($client->request('POST', '/other/body',
	    [ 'Content-Length: 100000' ], 'b' x 100_000)->{status}, 200,
	    'which serves other routes from then on') if $own;
	is($daemon->stop, 0, 'the daemon stops');
}

# Pipelined requests, with bodies, for all kinds of processes.
{
	my $daemon = start_pool('max = 2;');
	my $client = $daemon->connect;
	my $body = 'b' x 200_000;
	$client->send(request('GET', '/a')
	    . request('POST', '/pool/body', undef, $body)
	    . request('GET', '/a') . request('GET', '/pool/pid')
	    . request('POST', '/other/body', undef, $body)
	    . request('GET', '/pool/pid') . request('GET', '/own/pid'));
	my @got = map { my $a = $client->answer; $a ? $a->{status} : 0 } 1 .. 7;
	is("@got", join(' ', (200) x 7), 'pipelined requests are answered');
	is($daemon->stop, 0, 'the daemon stops');
}

# Clients that wait. Some of so many are refused at once.
{
	deed('gate', 0);
	my $daemon = start_pool('max = 2; queue = 3; queue_timeout = "60 s";');
	my @clients = map { $daemon->connect } 1 .. 9;
	$_->send(request('GET', '/pool/wait')) for @clients;
	my $select = IO::Select->new(map { $_->socket } @clients);
	wait_until { my @ready = $select->can_read(0); @ready == 4 } 'those that are too many';
	my %is_refused = map { fileno($_) => 1 } $select->can_read(0);
	my @refused = grep { $is_refused{fileno $_->socket} } @clients;
	my @waiting = grep { !$is_refused{fileno $_->socket} } @clients;
	my @answers = map { $_->answer } @refused;
	is("@{[ map { $_->{status} } @answers ]}", join(' ', (503) x 4),
	    'clients too many are refused');
	is($answers[0]->field('Retry-After'), '1',
	    'and told when to come again');
	ok($daemon->wait_log(
	    qr/route \/pool: \d processes are busy, and \d clients wait/),
	    'the log says so');
	is(text_of($daemon, '/a'), 'a' x 1000, 'others are served');
	is($refused[0]->request('GET', '/pool/pid')->{status}, 503,
	    'a kept connection is refused once more');
	is($refused[0]->request('GET', '/a')->{status}, 200, 'and goes on');
	is(join(' ', $select->can_read(0)), '',
	    'nobody else has an answer');
	deed('gate', 1);
	my @got = map { my $a = $_->answer; $a ? $a->{status} : 0 } @waiting;
	is("@got", join(' ', (200) x 5), 'the others had their turn');
	is($daemon->stop, 0, 'the daemon stops');
	deed('gate', 0);
}

# Kept connections have their turns: one that is idle does not keep the process from
# another one that waits.
{
	my $daemon = start_pool('max = 1; queue_timeout = "60 s";');
	my @clients = map { $daemon->connect } 1 .. 3;
	my ($began, $wrong) = (time, 0);
	$_->send(request('GET', '/pool/pid')) for @clients;
	for (1 .. 40) {
		for my $client (@clients) {
			my $answer = $client->answer;
			$wrong += !$answer || $answer->{status} != 200;
			$client->send(request('GET', '/pool/pid'));
		}
	}
	is($wrong, 0, 'three clients share a process');
	cmp_ok(time - $began, '<', 3, 'without a pause for each request');
	$_->close for @clients;
	is($daemon->stop, 0, 'the daemon stops');
}

# Those that wait for too long.
{
	my $daemon = start_pool('max = 1; queue = 3; queue_timeout = "50 ms";');
	my $pid = text_of($daemon, '/pool/pid');
	my @clients = map { $daemon->connect } 1 .. 3;
	$_->send(request('GET', '/pool/wait')) for @clients;
	my $select = IO::Select->new(map { $_->socket } @clients);
	wait_until { my @ready = $select->can_read(0); @ready == 2 } 'clients that have waited';
	deed('gate', 1);
	my @got = map { my $a = $_->answer; $a ? $a->{status} : 0 } @clients;
	is("@{[ sort @got ]}", '200 503 503', 'they are told');
	is(text_of($daemon, '/pool/count'), '3 of 1', 'others are served');
	is($daemon->stop, 0, 'the daemon stops');
	deed('gate', 0);
}

# Processes come and go.
{
	my $daemon = start_pool('max = 4; spare = 2; idle = "50 ms";');
	wait_until { members($daemon) == 2 } 'those in reserve';
	my @busy = map { $daemon->connect } 1 .. 4;
	$_->send(request('GET', '/pool/wait')) for @busy;
	# Busy ones have the names of their clients.
	wait_until { my @all = own_processes($daemon); @all == 5 }
	    'as many as may be, and one of the other pool';
	deed('gate', 1);
	my %pids = map { $_->answer->{body} => 1 } @busy;
	is(scalar keys %pids, 4, 'each has served one');
	wait_until { members($daemon) == 2 } 'the others end';
	is($daemon->stop, 0, 'the daemon stops');
	deed('gate', 0);
}

# Each serves so many requests, or until it is retired.
{
	my $daemon = start_pool('max = 1; requests = 3;');
	is(join(' ', map { text_of($daemon, '/pool/count') } 1 .. 4),
	    '1 of 1 2 of 1 3 of 1 1 of 1', 'three requests each');
	my $pid = text_of($daemon, '/pool/retire');
	isnt(text_of($daemon, '/pool/pid'), $pid, 'one that is retired ends');
	my $client = $daemon->connect;
	$pid = pid_of($client, '/pool/retire');
	isnt(pid_of($client), $pid, 'its client goes on in the next one');
	is($daemon->stop, 0, 'the daemon stops');
}

# The limit of processor time is that of a request. A process that has used as much ends.
{
	my $daemon = start_pool('max = 1;', '', 'max_cpu_time = "100 ms";');
	my $client = $daemon->connect;
	my @pids = map { pid_of($client, '/pool/work') } 1 .. 6;
	is((grep { !$_ } @pids), 0, 'no request is beyond the limit');
	my %pids = map { $_ => 1 } @pids;
	cmp_ok(scalar keys %pids, '>=', 2, 'several processes have served');
	cmp_ok(scalar keys %pids, '<=', 4, 'each more than one');
	is($daemon->stop, 0, 'the daemon stops');
}

# Faults of handlers.
{
	my $daemon = start_pool('max = 1;', 'max_crashes = 100;');
	my %pids;
	for (1 .. 4) {
		$pids{text_of($daemon, '/pool/pid')} = 1;
		is($daemon->request('GET', '/pool/crash')->{status}, 500,
		    'a crash is answered');
	}
	is(join(' ', grep { !/\A\d+\z/ } keys %pids), '',
	    'a client that was not the first one is not punished');
	is(scalar keys %pids, 4, 'the next process serves');
	my $answer = $daemon->request('GET', '/pool/exit');
	ok(!$answer || $answer->{status} >= 500, 'exit is no answer');
	wait_until { text_of($daemon, '/pool/count') =~ / of 1/ }
	    'the next process';
	is($daemon->stop, 0, 'the daemon stops');
}

# The first client of a process that it crashes is punished.
{
	my $daemon = start_pool('max = 1;', 'max_crashes = 100;');
	is($daemon->request('GET', '/pool/crash')->{status}, 500,
	    'the first client crashes it') for 1 .. 3;
	my $answer = $daemon->request('GET', '/pool/pid');
	is($answer->{status}, 503, 'and is kept from the handler');
	like($answer->{body}, qr/crash this handler/, 'as it is told');
	is($daemon->stop, 0, 'the daemon stops');
}

# A handler that takes too long.
{
	my $daemon = start_pool('max = 1;', '', 'max_request_time = "200 ms";');
	my $pid = text_of($daemon, '/pool/pid');
	is($daemon->request('GET', '/pool/loop')->{status}, 503,
	    'max_request_time ends a request');
	my $next;
	wait_until { ($next = text_of($daemon, '/pool/pid')) =~ /\A\d+\z/ }
	    'the next process';
	isnt($next, $pid, 'it is another one');
	is($daemon->stop, 0, 'the daemon stops');
}

# A child callback that fails for a while.
{
	deed('fault', 1);
	my $daemon = start_pool('max = 2; queue_timeout = "50 ms";');
	ok($daemon->wait_log(qr/route \/pool: .* ended before it was ready/),
	    'a failure is logged');
	is($daemon->request('GET', '/pool/pid')->{status}, 503,
	    'a client is told that there is no process');
	is($daemon->request('GET', '/a')->{status}, 200, 'others are served');
	deed('fault', 0);
	wait_until { $daemon->request('GET', '/pool/pid')->{status} == 200 }
	    'it is tried again';
	is($daemon->stop, 0, 'the daemon stops');
}

# A reload under way: requests of the one before finish.
{
	my $daemon = start_pool('max = 1; queue = 5; queue_timeout = "60 s";');
	my $busy = $daemon->connect;
	$busy->send(request('GET', '/pool/wait'));
	my @waiting = map { $daemon->connect } 1 .. 3;
	$_->send(request('GET', '/pool/pid')) for @waiting;
	sleep 0.05;
	is($daemon->prong('reload')->{status}, 0, 'a reload');
	like(text_of($daemon, '/pool/pid'), qr/\A\d+\z/,
	    'the next generation has its own');
	deed('gate', 1);
	my @got = map { my $a = $_->answer; $a ? $a->{status} : 0 }
	    $busy, @waiting;
	is("@got", join(' ', (200) x 4), 'none is lost');
	is($daemon->stop, 0, 'the daemon stops');
	deed('gate', 0);
}

done_testing;
