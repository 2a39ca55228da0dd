# A handler that was broken into, in a shared worker: what it does to the generation,
# the porter and the other workers by what it has of them. Others are served at once,
# and nothing of theirs is lost.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Act;
use Prong::Process;
use Prong::Workers;

# Far above what a busy machine needs, and below what the attacks ask for.
my $patience = 3;

my $www = folder('www');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('share', 'hostile_share');

# Settings have each line's end.
sub start_server {
	my ($settings) = @_;
	my $daemon = start(config(<<"CONF" . ($settings || '')));
workers = 1; plugin_dir = "$plugins";
sites = ( { routes = (
  { path = "/hostile"; process = "shared"; hostile_share = { }; },
  { path = "/share"; process = "shared"; share = { }; },
  { path = "/own"; process = "own"; share = { }; },
  { path = "/a"; static = { root = "$www"; }; } ); } );
CONF
	wait_until { workers_of($daemon) == 2 } 'the workers';
	return $daemon;
}

sub helper_of {
	my ($daemon, $kind) = @_;
	my ($pid) = grep { Prong::Process::title($_) =~ /$kind/ }
	    Prong::Process::living(generation_of($daemon));
	return $pid;
}

sub status_of {
	my ($client, $path) = @_;
	my $answer = eval { $client->request('GET', $path) };
	return $answer ? $answer->{status} : 0;
}

# Begins a deed; the client that does.
sub begin_deed {
	my ($daemon, $deed) = @_;
	my $client = $daemon->connect;
	$client->send(request('GET', "/hostile?do=$deed"));
	return $client;
}

# The longest time, for so many clients that are served everywhere but in the shared
# worker.
sub longest {
	my ($daemon, $count) = @_;
	my ($longest, @wrong) = 0;
	for (1 .. $count) {
		my ($began, $client) = (time, $daemon->connect);
		for ('/a/a', '/own/pid', '/a/a') {
			my $status = status_of($client, $_);
			push @wrong, "$_: $status" if $status != 200;
		}
		my $took = time - $began;
		$longest = $took if $took > $longest;
		last if $took > $patience;
	}
	return ($longest, @wrong);
}

# Within $patience, and that beside it.
sub others_are_served {
	my ($daemon, $title, $more) = @_;
	my ($longest, @wrong) = longest($daemon, 20);
	push @wrong, sprintf 'they had to wait for %.1f s', $longest
	    if $longest > $patience + ($more // 0);
	ok(!@wrong, $title) or diag join "\n", @wrong;
}

my @only = @ARGV;
sub is_wanted { my ($name) = @_; return !@only || grep { $_ eq $name } @only }

# What wakes the generation.
if (is_wanted('steal_wakes')) {
	my $daemon = start_server();
	my $generation = generation_of($daemon);
	my $client = begin_deed($daemon, 'steal_wakes');
	sleep 2.5;
	others_are_served($daemon, 'a wake that is stolen holds nobody up');
	$client->answer;
	is(generation_of($daemon), $generation, 'the generation lives');
	is($daemon->stop, 0, 'the server stops');
}

# Another client's connection lies in the socket of the worker, whose close waits.
if (is_wanted('leave_lingering')) {
	my $daemon = start_server();
	my $client = begin_deed($daemon, 'leave_lingering');
	sleep 0.2;
	my $other = $daemon->connect;
	$other->send(request('GET', '/share/pid'));
	my $shared = helper_of($daemon, 'shared worker');
	wait_until { !Prong::Process::lives($shared) } 'the end of the worker';
	others_are_served($daemon, 'a connection that lingers in the socket of '
	    . 'a worker holds nobody up');
	wait_until { workers_of($daemon, 'shared worker') == 1 } 'the next one';
	is(status_of($daemon->connect, '/share/pid'), 200,
	    'the next shared worker serves');
	is($daemon->stop, 0, 'the server stops');
}

# Connections that were never sent: for workers, which would be thought to have them on
# their way, and for processes.
if (is_wanted('announce_passes')) {
	my $daemon = start_server();
	status_of($daemon->connect, '/hostile?do=announce_passes');
	$daemon->wait_log(qr/gives away connections that it has not got/);
	others_are_served($daemon, 'others are served');
	wait_until { workers_of($daemon, 'shared worker') == 1 } 'the next one';
	wait_until { !own_processes($daemon) } 'the end of all processes';
	my $client = $daemon->connect;
	is(status_of($client, '/share/pid'), 200, 'a client is served');
	sleep 0.5;
	is(scalar own_processes($daemon), 0,
	    'and goes on in a worker when it is idle');
	is(status_of($client, '/a/a'), 200, 'which serves it');
	is($daemon->stop, 0, 'the server stops');
}

for my $deed (qw(announce_floods claim_put fill_ledger fill_rows)) {
	next if !is_wanted($deed);
	my $log = Prong::absolute("$deed.log");
	my $daemon = start_server("access_log = \"$log\";\n");
	my $generation = generation_of($daemon);
	my $client = begin_deed($daemon, $deed);
	sleep 0.1;
	others_are_served($daemon, "others are served beside $deed");
	eval { $client->answer };
	others_are_served($daemon, 'and behind it');
	is(generation_of($daemon), $generation, 'the generation lives');
	wait_until { workers_of($daemon, 'shared worker') == 1 } 'the worker';
	is(status_of($daemon->connect, '/share/pid'), 200,
	    'the shared worker serves');
	wait_until { !own_processes($daemon) } 'the end of all processes';
	is($daemon->stop, 0, 'the server stops');
	my $lines = () = $daemon->log =~ /error:|warning:/g;
	ok($lines < 50, "the log is not flooded: $lines lines")
	    or diag substr $daemon->log, 0, 2000;
}

# The number of a connection that has gone on in a process of its own.
if (is_wanted('announce_again')) {
	my $daemon = start_server("park_after = \"0 s\";\n");
	my $other = $daemon->connect;
	is(status_of($other, $_), 200, "a client gets $_")
	    for '/share/pid', '/own/pid';
	status_of($daemon->connect, '/hostile?do=announce_again');
	others_are_served($daemon, 'others are served');
	is(status_of($other, '/a/a'), 200, 'the client is handed off');
	is($daemon->stop, 0, 'the server stops');
}

# The generation forks no more than the porter keeps up with.
if (is_wanted('slow_porter')) {
	my $daemon = start_server("max_connections = 200;\n"
	    . "max_connections_per_client = 0;\nqueue_timeout = \"5 min\";\n");
	my ($generation, $porter) = (generation_of($daemon),
	    helper_of($daemon, 'porter'));
	my $send = sub {
		my @clients = map { $daemon->connect } 1 .. 50;
		$_->send(request('GET', '/own/pid')) for @clients;
		return @clients;
	};
	my $began = time;
	my @served = $send->();
	is(scalar(grep { my $a = $_->answer; $a && $a->{status} == 200 } @served),
	    50, 'fifty at once are served');
	my $usual = time - $began;
	$_->close for @served;
	CORE::kill 'STOP', $porter;
	for (1 .. 12) {
		my @clients = $send->();
		sleep 0.2;
		$_->close for @clients;
	}
	CORE::kill 'CONT', $porter;
	# All those have come before.
	others_are_served($daemon, 'others are served behind a slow porter',
	    12 * $usual);
	is(generation_of($daemon), $generation, 'the generation lives');
	is($daemon->stop, 0, 'the server stops');
	unlike($daemon->log, qr/from the porter, so its connection ends/,
	    'no connection was lost');
}

# Descriptors that the porter is to close at the end of a connection.
if (is_wanted('leave_endings')) {
	my $daemon = start_server();
	my $porter = helper_of($daemon, 'porter');
	my %before = Prong::Process::descriptors($porter);
	for (1 .. 100) {
		my $client = $daemon->connect;
		status_of($client, '/hostile?do=leave_endings');
		$client->close;
	}
	others_are_served($daemon, 'others are served');
	my %now = Prong::Process::descriptors($porter);
	my $more = keys(%now) - keys %before;
	ok($more < 50, "the porter has $more more descriptors");
	is($daemon->stop, 0, 'the server stops');
}

done_testing;
