# Workers that are killed under load, again and again: their own clients are cut, and
# nobody else. Who comes next is served at once, and nothing is left of them.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Act;
use Prong::Load;
use Prong::Process;
use Prong::Workers;

my $times = $ENV{PRONG_SOAK} ? 50 : 5;
my $most = 24;
my $content = write_file('www/a', 'a' x 1000);

my $daemon = start(act_config("workers = 2;\nmax_crashes = 0;\n"
    . "max_requests = 0;\nmax_connections = 100;\n"
    . "max_connections_per_client = $most;\n",
    '{ path = "/status"; status = { }; }'));
my $generation = generation_of($daemon);

sub workers {
	my @workers;
	wait_until { (@workers = workers_of($daemon)) == 2 }
	    'two workers';
	return @workers;
}

# The test's own clients have another address than the load.
sub connect_one {
	return $daemon->connect(undef, '127.0.0.2');
}

# Seconds until a new client has its response.
sub ask_anew {
	my $began = time;
	my $client = connect_one();
	my $answer = $client->request('GET', '/a');
	die 'no service' unless $answer && $answer->{status} == 200;
	$client->close;
	return time - $began;
}

# The worker of each client's connection, by its port.
sub serving {
	my $client = connect_one();
	my $table = decode_json($client->request('GET',
	    '/status?format=json')->{body})->{table};
	$client->close;
	return map { $_->{client} =~ /:(\d+)\z/ ? ($1 => $_->{pid}) : () }
	    @$table;
}

sub median {
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[$#sorted / 2];
}

# What a worker had, others have it no more.
sub held {
	my ($porter) = grep { Prong::Process::title($_) =~ /porter/ }
	    Prong::Process::helpers($generation);
	return map { my %open = Prong::Process::descriptors($_);
	    scalar keys %open } $generation, $porter;
}

workers();
ask_anew();
wait_until { $daemon->connections == 0 } 'nobody';
my @held = held();
my $load = Prong::Load->start('-k', '-c', 8, '-s', 300, '-b', $content, '-p',
    '/a', $daemon->address);
my (@usual, @back, @wrong);
for my $time (1 .. $times) {
	my @workers = workers();
	my @clients = map { connect_one() } 1 .. 12;
	$_->request('GET', '/a') for @clients;
	my %serving = serving();
	push @usual, ask_anew();
	my $victim = $workers[$time % 2];
	kill 'KILL', $victim;
	push @back, ask_anew();
	for my $client (@clients) {
		my $was_cut = ($serving{$client->socket->sockport} // 0)
		    == $victim;
		my $answer = eval { $client->request('GET', '/a') };
		my $is_served = $answer && $answer->{status} == 200;
		push @wrong, 'one of the killed worker is served'
		    if $was_cut && $is_served;
		push @wrong, 'one of the other worker is cut'
		    if !$was_cut && !$is_served;
	}
}
is_deeply(\@wrong, [], 'the clients of a killed worker are cut, and no others');
cmp_ok(median(@back), '<', 1 + 10 * median(@usual),
    'who comes then is served at once') or diag "@back; @usual";

# Both at once: the generation accepts until there is another.
my @before = workers();
push @usual, ask_anew();
kill 'KILL', @before;
my $back = ask_anew();
cmp_ok($back, '<', 1 + 10 * median(@usual), 'without any worker, too');
my @after = workers();
is(scalar(grep { my $pid = $_; grep { $_ == $pid } @before } @after), 0,
    'and two others take their places');

my $result = $load->stop;
is($result->{status} + $result->{mismatch} + $result->{connect}, 0,
    'nobody of the load was refused or got what is wrong')
    or diag $result->{line};
cmp_ok($result->{errors}, '<=', 8 * ($times + 1),
    'and lost is at most what was under way');
note $result->{line};

# Nothing is left: no count, no place, no descriptor.
wait_until { $daemon->connections == 0 } 'the count of nobody';
pass('no connection is counted any more');
is_deeply([ held() ], \@held, 'generation and porter hold what they held');
my @clients = map { connect_one() } 1 .. $most;
is(scalar(grep { my $answer = $_->request('GET', '/a');
    $answer && $answer->{status} == 200 } @clients), $most,
    'a client has as many connections as it may');
my $beyond = connect_one();
$beyond->send(request('GET', '/a'));
is($beyond->answer->{status}, 503, 'and not one more');
my %shown = serving_from('127.0.0.3');
is(scalar(keys %shown), $most + 1, 'and the table has these alone');

sub serving_from {
	my ($address) = @_;
	my $client = $daemon->connect(undef, $address);
	my $table = decode_json($client->request('GET',
	    '/status?format=json')->{body})->{table};
	return map { $_->{client} => 1 } @$table;
}

$_->close for @clients;
is($daemon->stop, 0, 'the daemon stops');
is(scalar Prong::Process::lasting(@after), 0, 'and leaves no worker');
done_testing;
