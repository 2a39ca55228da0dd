# A client that goes from route to route for long: to workers, shared workers, a pool and
# a process of its own, with bodies, pipelined, idle in between. Nothing is lost, and
# nothing is left. PRONG_SOAK=1 does it as often as in an hour of one round a second.
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

my $rounds = $ENV{PRONG_SOAK} ? 3600 : 60;
my $www = folder('www');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('reuse', 'share');

my $daemon = start(config(<<"CONF"));
workers = 2; plugin_dir = "$plugins"; park_after = "20 ms";
max_requests = 0;
sites = ( { routes = (
  { path = "/pool"; processes = { max = 2; requests = 7; }; reuse = { }; },
  { path = "/share"; process = "shared"; share = { }; },
  { path = "/own"; process = "own"; reuse = { }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF

my $body = 'b' x 100_000;

# What a round asks for, and what it expects.
sub steps_of {
	my ($round) = @_;
	my @steps = (
	    [ request('GET', '/a'), 1000 ],
	    [ request('GET', '/share/pid') ],
	    [ request('GET', '/pool/pid') ],
	    [ request('GET', '/own/pid') ],
	    [ request('POST', '/pool/body', undef, $body) ],
	    [ request('POST', '/share/body', undef, $body) ],
	    [ request('POST', '/own/body', undef, $body) ],
	);
	push @steps, shift @steps for 1 .. $round % @steps;
	return @steps;
}

sub is_right {
	my ($answer, $length) = @_;
	return $answer && $answer->{status} == 200
	    && ($length ? length $answer->{body} == $length
		: $answer->{body} =~ /\A\d+\z/);
}

my $wrong = 0;

sub play {
	my ($client, $round) = @_;
	my @steps = steps_of($round);
	if ($round % 3 == 0) {
		$client->send(join '', map { $_->[0] } @steps);
		$wrong += !is_right($client->answer, $_->[1]) for @steps;
		return;
	}
	for (@steps) {
		$client->send($_->[0]);
		$wrong += !is_right($client->answer, $_->[1]);
		sleep 0.03 if $round % 5 == 0;
	}
	return;
}

# Of the generation and all its processes, by their titles.
sub open_descriptors {
	my $generation = generation_of($daemon);
	my %count;
	for my $pid ($generation, Prong::Process::living($generation)) {
		my %open = Prong::Process::descriptors($pid);
		my $title = Prong::Process::title($pid);
		$title = 'pool' if $title =~ /pool/;
		$count{$title} = keys %open;
	}
	return %count;
}

sub wait_rest {
	my ($title) = @_;
	wait_until {
		my $generation = generation_of($daemon);
		!grep { /127\.0\.0\.1/ } map { Prong::Process::title($_) }
		    Prong::Process::living($generation);
	} "no process of a client, $title";
	return;
}

my $client = $daemon->connect;
play($client, $_) for 1 .. 15;
wait_rest('after the first rounds');
is($wrong, 0, 'the first rounds are right');
my %before = open_descriptors();
play($client, $_) for 1 .. $rounds;
is($wrong, 0, "$rounds rounds, each request answered in its turn");
wait_rest('after all rounds');
my %after = open_descriptors();
for my $title (sort keys %before) {
	cmp_ok($after{$title} // 0, '<=', $before{$title},
	    "no descriptor is left in $title");
}
is($daemon->connections, 1, 'one connection is there');
$client->close;
wait_until { $daemon->connections == 0 } 'none at the end';
is($daemon->stop, 0, 'the daemon stops');
unlike($daemon->log, qr/error:/, 'nothing went wrong');
done_testing;
