# Loans: a worker lends a client to a process of a pool, and goes on when that ends, or the
# process does. Workers that end leave nothing behind.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Load;
use Prong::Process;
use Prong::Workers;

my $www = folder('www');
my $folder = folder('deeds');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('reuse');

sub start_pool {
	my ($pool, $server) = @_;
	return start(config(<<"CONF"));
workers = 2; plugin_dir = "$plugins"; max_connections_per_client = 0;
@{[ $server || '' ]}
sites = ( { routes = (
  { path = "/pool"; processes = { $pool }; reuse = { folder = "$folder"; }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF
}

sub members { return workers_of($_[0], 'pool /pool') }

sub status_of {
	my ($daemon, $path) = @_;
	my $answer = eval { $daemon->request('GET', $path) };
	return $answer ? $answer->{status} : 0;
}

# An idle process is killed, and a worker may not know yet: the request goes elsewhere.
{
	my $daemon = start_pool('max = 4; spare = 2; requests = 1000;',
	    'max_crashes = 0;');
	my @got;
	for (1 .. 20) {
		wait_until { members($daemon) >= 2 } 'processes without a client';
		kill 'KILL', members($daemon);
		push @got, status_of($daemon, '/pool/pid');
	}
	is("@got", join(' ', (200) x 20), 'no request is lost');
	is($daemon->stop, 0, 'the daemon stops');
}

# A worker is killed while a process has its client.
{
	my $daemon = start_pool('max = 2; spare = 2; requests = 1000;',
	    'max_crashes = 0;');
	wait_until { members($daemon) == 2 } 'the processes';
	my %before = map { $_ => 1 } members($daemon);
	my $client = $daemon->connect;
	$client->send(request('GET', '/pool/wait'));
	wait_until { members($daemon) == 1 } 'a process that has a client';
	kill 'KILL', workers_of($daemon);
	write_file('deeds/gate', '');
	my $answer = eval { $client->answer };
	is($answer ? $answer->{status} : 0, 200,
	    'the process serves the client to the end');
	unlink "$folder/gate";
	wait_until { workers_of($daemon) == 2 } 'other workers';
	wait_until { my @now = members($daemon);
	    @now == 2 && !grep { $before{$_} } @now }
	    'processes with links to these';
	is(status_of($daemon, '/pool/pid'), 200, 'the route is served');
	is(status_of($daemon, '/a'), 200, 'as are others');
	wait_until { $daemon->connections == 0 } 'the end of all connections';
	is($daemon->stop, 0, 'the daemon stops');
}

# Clients of both workers wait for one process: each has its turn.
{
	my $daemon = start_pool(
	    'max = 1; requests = 100000; queue = 100; queue_timeout = "60 s";');
	my $result = Prong::Load->run('-c', 32, '-n', 3000, '-p', '/pool/pid',
	    $daemon->address);
	is($result->{errors}, 0, 'nobody is left out') or diag $result->{line};
	wait_until { $daemon->connections == 0 } 'the end of all connections';
	is(status_of($daemon, '/pool/count') && status_of($daemon, '/a'), 200,
	    'nothing is left');
	is($daemon->stop, 0, 'the daemon stops');
}

# A body that is larger than a loan has room for.
{
	my $daemon = start_pool('max = 1; requests = 1000;');
	my $client = $daemon->connect;
	for my $size (1000, 70_000, 75_000, 300_000) {
		$client->send(request('POST', '/pool/body', undef, 'b' x $size)
		    . request('GET', '/a'));
		is(join(' ', map { my $a = $client->answer; $a ? $a->{status} : 0 }
		    1 .. 2), '200 200', "a body of $size octets");
	}
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
