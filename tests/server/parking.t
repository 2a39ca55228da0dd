# A connection that is idle leaves its process and goes on in a worker; with the next
# request for a handler of others it gets a process again.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);

use Prong;
use Prong::Act;
use Prong::Process;
use Prong::Workers;

my $www = folder('www');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('share');

# Settings have each line's end.
sub start_server {
	my ($settings) = @_;
	return start(config(<<"CONF"));
plugin_dir = "$plugins";
$settings
sites = ( { routes = (
  { path = "/own"; process = "own"; share = { }; },
  { path = "/file"; process = "own"; static = { root = "$www"; }; },
  { path = "/a"; static = { root = "$www"; }; } ); } );
CONF
}

sub wait_for_none {
	my ($daemon) = @_;
	wait_until { own_processes($daemon) == 0 } 'no process of a connection';
}

sub pid_of {
	my ($client) = @_;
	my $answer = $client->request('GET', '/own/pid');
	return $answer && $answer->{status} == 200 ? $answer->{body} : 0;
}

# There and back again.
{
	my $daemon = start_server("workers = 2;\npark_after = \"100 ms\";\n"
	    . "max_requests = 45;\n");
	my $client = $daemon->connect;
	my ($right, %pids, $last) = 0;
	for (1 .. 20) {
		my $pid = pid_of($client);
		$pids{$pid} = 1;
		$right++ if $pid && pid_of($client) == $pid;
		wait_for_none($daemon);
	}
	is($right, 20, 'while a client sends, its process stays');
	is(scalar keys %pids, 20, 'when it is idle the process ends');
	my $answer = $client->request('GET', '/a/a');
	is($answer && $answer->{status}, 200, 'the client is served');
	is(scalar own_processes($daemon), 0, 'without a process');
	{
		my $other = $daemon->connect;
		ok(pid_of($other), 'a process');
		my $answer = $other->request('GET', '/file/a');
		is($answer && $answer->{body}, 'a' x 1000,
		    'and the next one, with other rules');
		wait_for_none($daemon);
		ok(pid_of($other), 'which ends as well when the client is idle');
		wait_for_none($daemon);
	}
	my @clients = map { $daemon->connect } 1 .. 10;
	is(scalar(grep { pid_of($_) } @clients), 10, 'many have processes');
	wait_for_none($daemon);
	is(scalar(grep { my $a = $_->request('GET', '/a/a'); $a && $a->{status} }
	    @clients), 10, 'and have none when they are idle');
	$last = $client->request('GET', '/a/a');
	is($last->field('Connection'), undef, 'the 42nd request is not the last');
	pid_of($client) for 43 .. 44;
	$last = $client->request('GET', '/own/pid');
	is($last && lc $last->field('Connection'), 'close',
	    'the 45th is, as max_requests wants, wherever they were served');
	is($daemon->stop, 0, 'the server stops');
	unlike($daemon->log, qr/error:|warning:|permitted to no handler/,
	    'without complaints');
}

# Where nothing takes it, it stays.
for my $settings ("workers = 0;\npark_after = \"1 ms\";\n",
    "workers = 1;\npark_after = \"0 s\";\n") {
	my $daemon = start_server($settings);
	my $client = $daemon->connect;
	my $pid = pid_of($client);
	sleep 0.3;
	is(pid_of($client), $pid, 'the process stays with ' . $settings =~ tr/\n/ /r);
	$daemon->stop;
}

# The client that a proxy has named.
{
	my $log = Prong::absolute('access.log');
	my $daemon = start_server("workers = 1;\npark_after = \"50 ms\";\n"
	    . "trusted_proxies = ( \"127.0.0.1\" );\nproxy_protocol = true;\n"
	    . "access_log = \"$log\";\n");
	my $client = $daemon->connect;
	$client->send("PROXY TCP4 203.0.113.7 127.0.0.1 1000 80\r\n");
	for (1 .. 3) {
		ok(pid_of($client), 'a proxy\'s client is served');
		wait_for_none($daemon);
	}
	$client->request('GET', '/a/a');
	is($daemon->stop, 0, 'the server stops');
	is(scalar(() = read_file($log) =~ /^203\.0\.113\.7 /mg), 4,
	    'and its lines name it');
}

done_testing;
