# A ceiling of processes for a route, each of which serves one connection: without
# workers, and with workers, where clients wait.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use Test::More;

use Prong;
use Prong::Act;

my $www = folder('www');
my $folder = folder('deeds');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('reuse');

sub start_route {
	my ($pool, $server) = @_;
	return start(config(<<"CONF", workers => 0));
plugin_dir = "$plugins"; $server
sites = ( { routes = (
  { path = "/few"; processes = { $pool };
    reuse = { folder = "$folder"; }; },
  { path = "/own"; process = "own"; reuse = { }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF
}

sub open_gate {
	my ($is_open) = @_;
	if ($is_open) { write_file('deeds/gate', '') }
	else { unlink "$folder/gate" }
	return;
}

# Of those clients the ones that have an answer, once they are so many.
sub wait_answers {
	my ($count, @clients) = @_;
	my $select = IO::Select->new(map { $_->socket } @clients);
	my @ready;
	wait_until { @ready = $select->can_read(0); @ready == $count }
	    "$count answers";
	my %is_ready = map { fileno($_) => 1 } @ready;
	return grep { $is_ready{fileno $_->socket} } @clients;
}

sub statuses {
	return join ' ', sort map { my $a = $_->answer; $a ? $a->{status} : 0 }
	    @_;
}

for my $workers (0, 2) {
	my $mode = $workers ? 'workers' : 'own';
	my $daemon = start_route('max = 2;' . ($workers ? ' queue = 0;' : ''),
	    "workers = $workers;");
	open_gate(0);
	my @clients = map { $daemon->connect } 1 .. 5;
	$_->send(request('GET', '/few/wait')) for @clients;
	my @refused = wait_answers(3, @clients);
	my %is_refused = map { $_ => 1 } @refused;
	my @served = grep { !$is_refused{$_} } @clients;
	my $answer = $refused[0]->answer;
	is($answer->{status}, 503, "$mode: a client too many is refused");
	is($answer->field('Retry-After'), '1', "$mode: and told to come again");
	is(statuses(@refused[1, 2]), '503 503', "$mode: so are others");
	$daemon->log_like(qr/route \/few.* the status 503/,
	    "$mode: the log says why");
	is($refused[0]->request('GET', '/few/pid')->{status}, 503,
	    "$mode: it is refused again");
	is($refused[0]->request('GET', '/a')->{status}, 200,
	    "$mode: the connection goes on");
	is($daemon->request('GET', '/own/pid')->{status}, 200,
	    "$mode: other routes are served");
	open_gate(1);
	is(statuses(@served), '200 200', "$mode: two are served");
	$_->close for @served;
	my $next;
	wait_until { ($next = $daemon->request('GET', '/few/count'))
	    ->{status} == 200 } 'the next one';
	is($next->{body}, '1 of 1', "$mode: each has a process of its own");
	my $client = $daemon->connect;
	my $body = 'b' x 200_000;
	$client->send(request('GET', '/a')
	    . request('POST', '/few/body', undef, $body)
	    . request('GET', '/own/pid')
	    . request('POST', '/few/body', undef, $body)
	    . request('GET', '/a'));
	is(join(' ', map { my $a = $client->answer; $a ? $a->{status} : 0 }
	    1 .. 5), join(' ', (200) x 5),
	    "$mode: pipelined requests, with bodies, are served");
	$client->close;
	is($daemon->stop, 0, "$mode: the daemon stops");
}

# A crash gives its place back.
for my $workers (0, 2) {
	my $daemon = start_route('max = 1;', "workers = $workers;"
	    . 'crash_penalty = "0 s"; max_crashes = 100;');
	my @got = map {
		my $answer;
		wait_until { $answer = $daemon->request('GET', '/few/crash');
		    $answer && $answer->{status} == 500 } 'a crash';
		$answer->{status};
	} 1 .. 3;
	is("@got", '500 500 500', "workers = $workers: crashes");
	wait_until { $daemon->request('GET', '/few/pid')->{status} == 200 }
	    'a client that is served';
	is($daemon->stop, 0, "workers = $workers: the daemon stops");
}

# With workers they wait.
{
	open_gate(0);
	my $daemon = start_route('max = 2; queue = 2; '
	    . 'queue_timeout = "60 s";', 'workers = 2;');
	my @clients = map { $daemon->connect } 1 .. 6;
	$_->send(request('GET', '/few/wait', [ 'Connection: close' ]))
	    for @clients;
	my @refused = wait_answers(2, @clients);
	is(statuses(@refused), '503 503', 'those beyond the queue are refused');
	my %is_refused = map { $_ => 1 } @refused;
	open_gate(1);
	is(statuses(grep { !$is_refused{$_} } @clients), '200 200 200 200',
	    'those that wait are served');
	is($daemon->stop, 0, 'the daemon stops');
	open_gate(0);
}

# Behind a proxy that is trusted.
for my $workers (0, 2) {
	my $daemon = start_route('max = 1;', "workers = $workers; "
	    . 'trusted_proxies = "127.0.0.1"; proxy_protocol = true;');
	my $client = $daemon->connect;
	$client->send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n"
	    . request('GET', '/few/count') . request('GET', '/a'));
	is(statuses($client), '200', "workers = $workers: behind a proxy");
	is(statuses($client), '200', "workers = $workers: and another request");
	$client->close;
	is($daemon->stop, 0, "workers = $workers: the daemon stops");
}

done_testing;
