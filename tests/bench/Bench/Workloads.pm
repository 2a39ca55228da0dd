# What is measured: each workload has a name, a sentence, a group of servers that
# take part (see Bench::Peers), and a kind, which is a function of Bench::Measure.
#
# SPDX-License-Identifier: ISC
package Bench::Workloads;
use strict;
use warnings;

use Bench;

my $upload_bytes = 10_000_000;
my $hot_files = 500;
my $places = 1024;	# of a server, unless the workload says otherwise

sub kept {
	my ($clients) = @_;
	return { name => "kept-$clients", group => 'kept', kind => 'load',
	    text => "$clients kept connections ask for a file of 1 KiB: what "
	    . 'a request costs.', clients => $clients,
	    arguments => [ '-k', '-p', '/1k.txt' ], body => '1k.txt' };
}

sub idle {
	my ($count, $group) = @_;
	return { name => "idle-$count", group => $group, kind => 'idle',
	    text => "$count connections are kept open after one request each: "
	    . 'the memory of one, and the latency of 50 active clients without '
	    . 'and beside them.', idle => $count, clients => $count + 50,
	    places => $count + 100, active => 50 };
}

my @workloads = (
	kept(8), kept(64), kept(512),
	{ name => 'hot-500', group => 'hot', kind => 'load',
	    text => "64 kept connections ask for $hot_files files of 1 KiB in "
	    . 'turn: what it costs to find and open them.', clients => 64,
	    arguments => [ '-k', '-r', $hot_files, '-p', '/hot/#.txt' ],
	    body => '1k.txt' },
	{ name => '100-kib', group => 'large', kind => 'load',
	    text => '64 kept connections ask for a file of 100 KiB.',
	    clients => 64, arguments => [ '-k', '-p', '/100k.txt' ],
	    body => '100k.txt' },
	{ name => '10-mib', group => 'large', kind => 'load',
	    text => '8 kept connections ask for a file of 10 MiB: what the '
	    . 'transfer costs.', clients => 8,
	    arguments => [ '-k', '-p', '/10m.txt' ], body => '10m.txt' },
	{ name => 'new', group => 'new', kind => 'load',
	    text => '64 clients make a new connection for each request of a '
	    . 'file of 1 KiB: what a connection costs.', clients => 64,
	    arguments => [ '-p', '/1k.txt' ], body => '1k.txt' },
	{ name => 'handler', group => 'handler', kind => 'load',
	    text => '64 kept connections ask for 1 KiB that code in C answers '
	    . 'from memory: a handler of prong, a module of Apache, a FastCGI '
	    . 'program behind nginx. The row nginx is its directive "return", '
	    . 'which runs no code of a user.', clients => 64,
	    arguments => [ '-k', '-p', '/handler' ], body => '1k.txt' },
	{ name => 'handler-new', group => 'handler-new', kind => 'load',
	    text => 'The same code, and a new connection for each request: in a '
	    . 'process for each connection, in processes that serve one client '
	    . 'after the other, or in a worker.', clients => 64,
	    arguments => [ '-p', '/handler' ], body => '1k.txt' },
	{ name => 'upload', group => 'upload', kind => 'load',
	    text => '8 kept connections send 10 MB each, which the same code '
	    . 'reads and forgets; nginx itself discards them.',
	    clients => 8, arguments => [ '-k', '-u', $upload_bytes, '-p',
	    '/discard' ] },
	{ name => 'log', group => 'log', kind => 'load', log => 1,
	    text => 'As kept-64, with an access log in the format "combined"; the '
	    . 'other workloads have none.', clients => 64,
	    arguments => [ '-k', '-p', '/1k.txt' ], body => '1k.txt' },
	{ name => 'overload', group => 'overload', kind => 'load',
	    text => '256 clients make a new connection for each request, and '
	    . 'the server has places for 64: what is served, and how many '
	    . 'requests fail.', clients => 256, places => 64,
	    arguments => [ '-p', '/1k.txt' ], body => '1k.txt',
	    may_fail => 1 },
	idle(1000, 'idle'), idle(10000, 'many'),
	{ name => 'start', group => 'start', kind => 'cold_start',
	    clients => 8, text => 'From exec to the end of the first response.' },
	{ name => 'reload', group => 'reload', kind => 'reload',
	    clients => 8, text => 'From the signal to the first response of the new '
	    . 'configuration, which has another folder.' },
);

sub names {
	return map { $_->{name} } @workloads;
}

sub select {
	my (@names) = @_;
	my %wanted = map { $_ => 1 } @names;
	return map { { places => $places, clients => 64, %$_ } }
	    grep { $wanted{$_->{name}} } @workloads;
}

# The folders that servers serve: www1, and www2, which a reload shows. Returns
# their path without the number.
sub write_content {
	my $www = "$Bench::folder/www";
	for (1, 2) {
		mkdir "$www$_" or die "$www$_: $!";
		Bench::write_file("www$_/generation", $_);
	}
	mkdir "${www}1/hot" or die "${www}1/hot: $!";
	Bench::write_file('www1/1k.txt', 'x' x 1024);
	Bench::write_file('www1/100k.txt', 'x' x (100 * 1024));
	Bench::write_file('www1/10m.txt', 'x' x (10 * 1024 * 1024));
	Bench::write_file("www1/hot/$_.txt", 'x' x 1024)
	    for 0 .. $hot_files - 1;
	return $www;
}

1;
