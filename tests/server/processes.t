# Master, generation, connections: who is whose child, who maps plugins, and
# what is left when one of them is killed.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Load;
use Prong::Process;

my $body = join '', map { "line $_ of the file\n" } 1 .. 50;
my $file = write_file('www/file.txt', $body);
my $routes = '{ path = "/"; static = { root = "' . folder('www') . '"; }; }';
my $head = 'access_log = "off"; max_connections_per_client = 0; max_requests = 0;';

# Of what workers are is told by workers.t.
sub serve {
	my ($text) = @_;
	return start(config(($text || $head)
	    . "\nsites = ( { routes = ( $routes ); } );", workers => 0));
}

sub connections {
	my ($generation) = @_;
	return Prong::Process::children($generation);
}

sub wait_gone {
	my (@pids) = @_;
	return wait_until { !grep { Prong::Process::lives($_) } @pids }
	    "the end of @pids";
}

# The processes, and what ps shows.
{
	my $daemon = serve();
	my $master = $daemon->pid;
	my @generations = Prong::Process::children($master);
	is(scalar @generations, 1, 'the master has one child');
	my $generation = $generations[0];
	like(Prong::Process::title($generation),
	    qr/\Aprongd: generation 1\s*\z/, 'it is titled generation 1');
	isnt(Prong::Process::stat_of($generation)->{group},
	    Prong::Process::stat_of($master)->{group},
	    'it has a process group of its own');
	is(scalar connections($generation), 0,
	    'there is no connection process before there is a connection');

	my @clients = map { $daemon->connect } 1 .. 3;
	is($_->request('GET', '/file.txt')->{body}, $body,
	    'a client is served') for @clients;
	my @connections = connections($generation);
	is(scalar @connections, 3, 'every connection has its own process');
	for my $pid (@connections) {
		like(Prong::Process::title($pid),
		    qr/\Aprongd: 127\.0\.0\.1:\d+\s*\z/,
		    'it is titled by its client');
	}
	my @pages = sort map { Prong::Process::mapped($_, 'prong-scoreboard') }
	    @connections;
	# All are as large; the first one is the generation's.
	my ($part) = map { /(\d+)-(\d+)/ ? $2 - $1 : 0 } @pages;
	is("@pages", join(' ', sort map { $_ * $part . '-' . ($_ + 1) * $part }
	    1 .. 3), 'each has its own page of the scoreboard and no other');
	$clients[0]->close;
	wait_until { connections($generation) == 2 } 'the end of one';
	is($clients[1]->request('GET', '/file.txt')->{status}, 200,
	    'the others go on');

	my %mapped = map { $_ => [ Prong::Process::code($_) ] }
	    $master, $generation, $connections[1];
	is(scalar(grep { /static/ } @{$mapped{$master}}), 0,
	    'the master maps no code of a plugin');
	is(scalar(grep { /static/ } @{$mapped{$generation}}), 1,
	    'the generation does');
	is_deeply($mapped{$connections[1]}, $mapped{$generation},
	    'a connection maps what its generation maps');
	is($daemon->stop, 0, 'the daemon stops');
}

# Lifelines: kill -9 of the master.
{
	my $daemon = serve();
	my ($generation) = Prong::Process::children($daemon->pid);
	my $idle = $daemon->connect;
	$idle->request('GET', '/file.txt');
	my @connections = connections($generation);
	$daemon->stop('KILL');
	ok(wait_gone($generation, @connections), 'when the master is killed, '
	    . 'generation and idle connections end');
	is($idle->rest, '', 'and the client sees the end');
	$daemon->log_like(qr/master has gone/, 'which the log tells');
}

# kill -9 of a connection.
{
	my $daemon = serve();
	my ($generation) = Prong::Process::children($daemon->pid);
	my $load = Prong::Load->start('-k', '-c', 8, '-s', 300, '-b', $file,
	    '-p', '/file.txt', $daemon->address);
	my @connections;
	wait_until { (@connections = connections($generation)) >= 8 }
	    'eight connections';
	kill 'KILL', $connections[3];
	$daemon->wait_log(qr/\b$connections[3] of \S+ was ended by signal 9/);
	wait_until { connections($generation) >= 8 } 'another one';
	my $result = $load->stop;
	is($result->{errors}, 1,
	    'a killed connection process costs one request')
	    or diag($result->{line});
	is($result->{connections}, 9, 'and no other connection');
	cmp_ok($result->{requests}, '>', 8, 'the others were served');
	$daemon->log_like(qr/\b$connections[3] of 127\.0\.0\.1:\d+ was ended by signal 9/,
	    'the log names process, client and signal');
	is_deeply([ Prong::Process::children($daemon->pid) ], [ $generation ],
	    'the generation is the same');
	is($daemon->stop, 0, 'the daemon stops');
}

# kill -9 of the generation, with nothing on the disk as it was.
{
	for my $plugin (glob "$ENV{PRONG_PLUGINS}/*.so") {
		my ($name) = $plugin =~ m{([^/]+)\z};
		my $to = folder('plugins') . "/$name";
		copy($plugin, $to) or die "$to: $!";
		chmod 0755, $to;
	}
	my $log = folder('log') . '/access.log';
	my $config = config("max_connections_per_client = 0;\n"
	    . "access_log = \"$log\";\nplugin_dir = \"" . folder('plugins')
	    . "\";\nsites = ( { routes = ( $routes ); } );");
	my $daemon = start($config);
	my ($generation) = Prong::Process::children($daemon->pid);
	my $idle = $daemon->connect;
	$idle->request('GET', '/file.txt');
	my $load = Prong::Load->start('-c', 8, '-s', 300, '-b', $file, '-p',
	    '/file.txt', $daemon->address);
	wait_until { read_file($log) =~ /(.*\n){20}/ } 'the load';

	write_file($config, 'listen = [ "no such thing');
	truncate folder('plugins') . '/static.so', 100 or die "truncate: $!";
	my $began = time;
	$daemon->get('/file.txt');
	my $usual = time - $began;
	my $killed = time;
	kill 'KILL', $generation;
	ok($daemon->wait_log(qr/generation 2 is ready/),
	    'a killed generation is replaced though configuration and plugin '
	    . 'are broken by then');
	my $took = time - $killed;
	# A start takes less than ten requests, however busy the machine is.
	cmp_ok($took, '<', 1 + 10 * $usual, 'at once');
	my ($next) = Prong::Process::children($daemon->pid);
	isnt($next, $generation, 'by another process');
	is($idle->rest, '', 'an idle connection of the killed one has ended');

	$daemon->get('/file.txt') for 1 .. 10;
	my $result = $load->stop;
	cmp_ok($result->{errors}, '<=', 8,
	    'only requests that were under way may be lost');
	is($result->{connect} + $result->{status} + $result->{mismatch}, 0,
	    'no connection is refused, no content is wrong')
	    or diag($result->{line});
	is($daemon->get('/file.txt')->{body}, $body, 'the content is right');
	$daemon->log_like(qr/ended by signal 9/, 'the log tells what happened');
	$daemon->log_like(qr/last good set/, 'and what the next starts from');
	like(Prong::Process::title($next), qr/\Aprongd: generation 2\s*\z/,
	    'its title has its number');

	# Once more, at once: the second one may have lived for a moment only.
	kill 'KILL', $next;
	ok($daemon->wait_log(qr/generation 3 is ready/), 'so is the next one');
	is($daemon->get('/file.txt')->{body}, $body, 'which serves as well');
	is_deeply([ Prong::Process::lasting_zombies($daemon->pid) ], [],
	    'the master leaves no zombie');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
