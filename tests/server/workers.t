# Workers: processes that serve many clients. What they serve, what they give away,
# and what they keep to together with all other processes.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Act;
use Prong::Process;
use Prong::Workers;

my $www = folder('www');
write_file('www/a', 'a' x 1000);
write_file('www/large', join '', map { sprintf "%07d\n", $_ } 1 .. 400_000);

# Own routes and settings, each with its line's end.
sub start_workers {
	my ($settings, $routes) = @_;
	return start(act_config("workers = 2;\n" . ($settings || ''),
	    $routes));
}

sub wait_workers {
	my ($daemon, $count) = @_;
	wait_until { workers_of($daemon) == $count } "$count workers";
	return workers_of($daemon);
}

my $daemon = start_workers('', '{ path = "/status"; status = { }; }');
my @workers = wait_workers($daemon, 2);
is(scalar @workers, 2, 'a generation has as many workers as are wanted');

# What they serve.
{
	my @clients = map { $daemon->connect } 1 .. 20;
	my $right = grep { $_->request('GET', '/a')->{body} eq 'a' x 1000 }
	    @clients;
	is($right, 20, 'they serve what prong\'s own handlers answer');
	is(scalar own_processes($daemon), 0, 'without a process for anybody');
	$right = grep { $_->request('GET', '/a')->{status} == 200 } @clients;
	is($right, 20, 'again and again');
}

# Nothing to do: once their unused memory is given back they do not even wake up.
{
	my $wakes = sub {
		my $sum = 0;
		for my $pid (@workers) {
			$sum += $1 if read_file("/proc/$pid/status")
			    =~ /^voluntary_ctxt_switches:\s+(\d+)/m;
		}
		return $sum;
	};
	my $before;
	wait_until {
		$before = $wakes->();
		sleep 3;
		$wakes->() == $before;
	} 'workers that sleep';
	cmp_ok($before, '>', 0, 'idle workers sleep');
}

# What prong status shows.
{
	my @clients = map { $daemon->connect } 1 .. 6;
	$_->request('GET', '/a') for @clients, @clients;
	wait_until { $daemon->connections == 6 } 'others to end';
	my $shown = $daemon->status->{generations}[0]{workers};
	is_deeply([ sort { $a <=> $b } map { $_->{pid} } @$shown ],
	    [ sort { $a <=> $b } @workers ], 'prong status names the workers');
	is_deeply([ map { $_->{number} } @$shown ], [ 1, 2 ], 'by number');
	my %sum;
	for my $worker (@$shown) {
		$sum{$_} += $worker->{$_} for qw(connections requests);
	}
	is($sum{connections}, 6, 'with their connections');
	is($sum{requests}, 52, 'and all their requests');
	my $text = $daemon->prong('status')->{output};
	like($text, qr/^workers +1 of generation 1, process \d+, \d+ s old, \d+ connections?, \d+ requests?\n +2 of generation 1, /m,
	    'as text, too');
	my $json = JSON::PP::decode_json($clients[0]->request('GET',
	    '/status?format=json')->{body});
	my %count = map { $_ => 0 } @workers;
	$count{$_->{pid}}++ for @{$json->{table}};
	is_deeply(\%count, { map { $_->{pid} => $_->{connections} } @$shown },
	    'and the status page has each connection with its worker');
}

# What they give away.
{
	my $client = $daemon->connect;
	is($client->request('GET', '/a')->{status}, 200, 'a file');
	is($client->request('GET', steps('print mine'))->{body}, 'mine',
	    'then a handler that has promised nothing');
	is(scalar own_processes($daemon), 1, 'which has a process of its own');
	is($client->request('GET', '/a')->{status}, 200,
	    'as what follows on that connection');
}

# Pipelined requests, with a body, behind one that is given away.
{
	my $client = $daemon->connect;
	my $body = 'b' x 100_000;
	$client->send(request('GET', '/a') . request('POST', '/echo',
	    undef, 'first') . request('GET', steps('print two'))
	    . request('POST', '/echo', undef, $body) . request('GET', '/a'));
	my @answers = map { $client->answer } 1 .. 5;
	is_deeply([ map { $_ ? $_->{status} : 0 } @answers ], [ (200) x 5 ],
	    'pipelined requests are all answered');
	is($answers[2]{body}, 'two', 'in their order');
	is($answers[3]{body}, $body, 'with their bodies');
}

# A body that is on its way when the connection is given away.
{
	my $client = $daemon->connect;
	my $body = join '', map { chr(97 + $_ % 26) } 1 .. 300_000;
	$client->request('GET', '/a');
	$client->send('POST ' . steps('echo 8192') . " HTTP/1.1\r\nHost: a\r\n"
	    . 'Content-Length: ' . length($body) . "\r\n\r\n"
	    . substr $body, 0, 5000);
	wait_until { own_processes($daemon) >= 1 } 'its process';
	$client->send(substr $body, 5000);
	my $answer = $client->answer;
	is($answer && $answer->{body}, $body,
	    'a body goes on in the other process');
}

# An idle connection rests, and goes on.
{
	my @clients = map { $daemon->connect } 1 .. 10;
	$_->request('GET', '/a') for @clients;
	sleep 0.4;
	my $right = grep { $_->request('GET', '/a')->{status} == 200 } @clients;
	is($right, 10, 'a connection that was idle goes on');
	sleep 0.4;
	is($clients[0]->request('GET', steps('print x'))->{body}, 'x',
	    'and can be given away then');
}

# Slow clients cost no process, and hold up nobody.
{
	my @slow = map { $daemon->connect } 1 .. 50;
	$_->send("GET /a HTTP/1.1\r\nHost:") for @slow;
	my @readers = map { $daemon->connect } 1 .. 10;
	$_->send(request('GET', '/large')) for @readers;
	my $begin = time;
	is($daemon->get('/a')->{status}, 200, 'beside slow clients others are '
	    . 'served');
	is(scalar own_processes($daemon), 0, 'and no process is needed');
	$_->send(" a\r\n\r\n") for @slow;
	is(scalar(grep { my $a = $_->answer; $a && $a->{status} == 200 }
	    @slow), 50, 'slow heads are answered in the end');
	my $large = read_file("$www/large");
	is(scalar(grep { my $a = $_->answer; $a && $a->{body} eq $large }
	    @readers), 10, 'and slow readers get all octets');
}

is($daemon->stop, 0, 'the server stops');
unlike($daemon->log, qr/error:/, 'without an error in the log');
is(scalar Prong::Process::lasting(@workers), 0, 'and no worker is left');

# Ceilings hold for all processes together.
{
	$daemon = start_workers("max_connections_per_client = 12;\n");
	wait_workers($daemon, 2);
	my @clients = map { $daemon->connect } 1 .. 12;
	is(scalar(grep { my $a = $_->request('GET', '/a');
	    $a && $a->{status} == 200 } @clients), 12,
	    'a client has as many connections as it may');
	my $one = $daemon->connect;
	$one->send(request('GET', '/a'));
	is($one->answer->{status}, 503, 'and not one more');
	$daemon->log_like(qr/refused 127\.0\.0\.1/, 'which is logged');
	is($clients[0]->request('GET', steps('print x'))->{body}, 'x',
	    'one is given away');
	$one = $daemon->connect;
	$one->send(request('GET', '/a'));
	is($one->answer->{status}, 503, 'which changes nothing');
	$_->close for splice @clients, 0, 6;
	wait_until { my $c = $daemon->connect;
	    $c->send(request('GET', '/a', [ 'Connection: close' ]));
	    my $a = $c->answer; $a && $a->{status} == 200 }
	    'room for another';
	pass('when some have ended others are welcome');
	$daemon->stop;
}

# At the ceiling of all, connections wait for a place.
{
	$daemon = start_workers("max_connections = 20;\n"
	    . "max_connections_per_client = 0;\n");
	wait_workers($daemon, 2);
	my @clients = map { $daemon->connect } 1 .. 20;
	is(scalar(grep { my $a = $_->request('GET', '/a');
	    $a && $a->{status} == 200 } @clients), 20,
	    'as many connections as may be are served');
	my $late = $daemon->connect;
	$late->send(request('GET', '/a'));
	ok(!IO::Select->new($late->socket)->can_read(0.3), 'a further one waits');
	$_->close for @clients[0 .. 4];
	is($late->answer->{status}, 200, 'until others have ended');
	$daemon->stop;
}

# Of few places each counts: no worker accepts because it waited before others came.
{
	$daemon = start_workers("max_connections = 1;\n");
	wait_workers($daemon, 2);
	my $one = $daemon->connect;
	$one->request('GET', '/a');
	my @late = map { my $c = $daemon->connect; $c->send(request('GET',
	    '/a')); $c } 1 .. 3;
	ok(!IO::Select->new(map { $_->socket } @late)->can_read(0.3),
	    'a single place has one client');
	is($daemon->connections, 1, 'and no more');
	$one->close;
	is($late[0]->answer->{status}, 200, 'then the next one');
	$daemon->stop;
}

# A connection at rest ends as soon as another client needs its place, and one that
# has had no request soon after a stop.
{
	$daemon = start_workers("max_connections = 20;\n"
	    . "max_connections_per_client = 0;\nstop_grace = \"10 min\";\n");
	wait_workers($daemon, 2);
	my @resting = map { $daemon->connect(undef, '127.0.0.2') } 1 .. 20;
	$_->request('GET', '/a') for @resting;
	sleep 0.4;
	my (@others, @times);
	for (1 .. 5) {
		my $begin = time;
		push @others, $daemon->connect(undef, '127.0.0.3');
		is($others[-1]->request('GET', '/a')->{status}, 200,
		    'another client gets the place of one at rest');
		push @times, time - $begin;
	}
	# One that did not end by itself would be cut after that time.
	cmp_ok((sort { $a <=> $b } @times)[0], '<', 0.5, 'at once')
	    or diag "@times";
	$_->close for @resting, splice @others, 1;
	$daemon->log_like(qr/the longest idle connection ends/, 'as is logged');
	my $silent = $daemon->connect;
	wait_until { $daemon->connections == 2 } 'the silent client';
	sleep 0.4;
	$daemon->kill('TERM');
	is($silent->rest, '', 'a silent client ends with the server');
	is($daemon->wait, 0, 'which waits for none');
}

# A crash of a worker.
{
	$daemon = start_workers();
	@workers = wait_workers($daemon, 2);
	my @clients = map { $daemon->connect } 1 .. 16;
	$_->request('GET', '/a') for @clients;
	CORE::kill 'SEGV', $workers[0];
	my $begin = time;
	is($daemon->get('/a')->{status}, 200, 'when a worker crashes service '
	    . 'goes on');
	my $alive = grep { my $a = $_->send(request('GET', '/a')) &&
	    $_->answer; $a && $a->{status} == 200 } @clients;
	ok($alive > 0 && $alive < 16, 'clients of the other one notice nothing, '
	    . 'its own are cut') or diag $alive;
	wait_until { workers_of($daemon) == 2 } 'the next worker';
	$daemon->log_like(qr/worker \d \(process $workers[0]\) was ended by /,
	    'the log names it');
	is(scalar(grep { $daemon->get('/a')->{status} == 200 } 1 .. 10), 10,
	    'and all are served again');
	$daemon->stop;
}

# A reload: the kept connections of the old workers end with their next response.
{
	$daemon = start_workers();
	@workers = wait_workers($daemon, 2);
	my @clients = map { $daemon->connect } 1 .. 6;
	$_->request('GET', '/a') for @clients;
	my $reload = $daemon->prong('reload');
	is($reload->{status}, 0, 'a reload succeeds') or diag $reload->{errors};
	my @answers = map { $_->request('GET', '/a') } @clients;
	is(scalar(grep { $_ && $_->{status} == 200 } @answers), 6,
	    'old connections are served');
	is(scalar(grep { ($_->field('Connection') || '') eq 'close' } @answers),
	    6, 'and closed politely');
	is(scalar Prong::Process::lasting(@workers), 0,
	    'then the old workers end');
	is($daemon->get('/a')->{status}, 200, 'new ones serve');
	$daemon->stop;
}

done_testing;
