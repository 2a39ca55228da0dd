# Descriptors of a worker: of many roots, and near its limit.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use Test::More;

use Prong;
use Prong::Process;

plan skip_all => 'only root sees the descriptors of a worker' unless $> == 0;

my $count = 200;	# static holds 128 roots at most
write_file("www/$_/a", "first $_") for 1 .. $count;
my $www = folder('www');
my $types = write_file('types', "text/plain txt\n");

sub start_worker {
	my ($settings, $sites) = @_;
	my $daemon = start(config("workers = 1; $settings; sites = ($sites);"));
	my ($generation) = grep { Prong::Process::title($_) =~ /generation/ }
	    Prong::Process::children($daemon->pid);
	my $worker;
	wait_until {
		($worker) = grep { Prong::Process::title($_) =~ /worker/ }
		    Prong::Process::living($generation);
		$worker
	} 'the worker';
	return ($daemon, $generation, $worker);
}

sub descriptors {
	my ($pid) = @_;
	my @open = glob "/proc/$pid/fd/*";
	return scalar @open;
}

# Many roots.
{
	my ($daemon, $generation, $worker) = start_worker('access_log = "off"',
	    join ',', map { "{ hosts = \"h$_.example\"; routes = ( { path = "
	    . "\"/\"; static = { root = \"$www/$_\"; mime_types = \"$types\";"
	    . " cache = \"0 B\"; }; } ); }" } 1 .. $count);
	my $before = descriptors($worker);
	my $client = $daemon->connect;
	my $get = sub {
		my ($site) = @_;
		$client->send("GET /a HTTP/1.1\r\nHost: h$site.example\r\n\r\n");
		return $client->answer->{body};
	};
	for my $round (1, 2) {
		is(scalar(grep { $get->($_) eq "first $_" } 1 .. $count),
		    $count, "round $round: each site has its root");
	}
	is(scalar(my @own = Prong::Process::children($generation)), 0,
	    'by the worker');
	cmp_ok(descriptors($worker), '<', $before + $count / 2,
	    'which holds a part of the roots');

	my @helpers = grep { Prong::Process::title($_) =~ /: folders\z/ }
	    Prong::Process::helpers($generation);
	kill('STOP', @helpers) == @helpers && @helpers or die "helpers: $!";
	write_file("www/next/a", 'next');
	is($get->($count), "first $count", 'a root that is open');
	rename "$www/$count", "$www/before" or die "rename: $!";
	rename "$www/next", "$www/$count" or die "rename: $!";
	is($get->($count), 'next', 'is followed by the one that takes its place');
	kill 'CONT', @helpers;
	$daemon->stop;
}

# At the limit: more clients that have not read their file than a worker has
# descriptors for.
SKIP: {
	my $limit = 160;
	my $clients = 100;
	write_file('www/large', 'x' x 8_000_000);
	my $prongd = $ENV{PRONGD};
	my $wrapper = write_file('limited/prongd',
	    "#!/bin/bash\nulimit -n $limit\nexec '$prongd' \"\$@\"\n");
	chmod 0755, $wrapper;
	local $ENV{PRONGD} = $wrapper;
	my ($daemon, $generation, $worker) = start_worker('max_connections_per_'
	    . 'client = 0; max_connections = ' . ($clients + 20), "{ routes = ( { path = \"/\"; static = { root = "
	    . "\"$www\"; }; } ); }");
	my @clients = map { $daemon->connect } 1 .. $clients;
	$_->send(request('GET', '/large')) for @clients;
	IO::Select->new($_->socket)->can_read($Prong::patience) for @clients;
	cmp_ok(descriptors($worker), '<', $limit, 'a worker stays below its '
	    . 'limit');
	is(scalar(grep { my $a = $_->answer; $a && $a->{status} == 200
	    && length $a->{body} == 8_000_000 } @clients), $clients,
	    'and all clients are served');
	unlike($daemon->log, qr/Too many open files/, 'without an error');
	$daemon->stop;
}

done_testing;
