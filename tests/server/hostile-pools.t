# A handler that was broken into, in a member of a pool: what it does to the generation,
# the porter, workers and other pools by what it has of them. Others are served at once,
# and nothing of theirs is lost. What it does to the clients of its own route is its own
# affair, as that of any handler.
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
my $patience = 5;

my $www = folder('www');
write_file('www/a', 'a' x 1000);
my $plugins = Prong::Act::plugin_folder('reuse', 'hostile_reuse');

sub start_server {
	my ($settings, $pool) = @_;
	$pool ||= 'max = 2; requests = 1000; queue_timeout = "1 s";';
	my $daemon = start(config(<<"CONF" . ($settings || '')));
workers = 1; plugin_dir = "$plugins"; max_crashes = 1000;
sites = ( { routes = (
  { path = "/hostile"; processes = { $pool }; hostile_reuse = { }; },
  { path = "/pool"; processes = { max = 2; spare = 0; requests = 1000; }; reuse = { }; },
  { path = "/own"; process = "own"; reuse = { }; },
  { path = "/a"; static = { root = "$www"; }; } ); } );
CONF
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

sub begin_deed {
	my ($daemon, $deed) = @_;
	my $client = $daemon->connect;
	$client->send(request('GET', "/hostile?do=$deed"));
	return $client;
}

# The longest time, for so many clients of everything but the hostile handler. Each is
# idle in a worker in between.
sub longest {
	my ($daemon, $count) = @_;
	my ($longest, @wrong) = 0;
	for (1 .. $count) {
		my ($began, $client) = (time, $daemon->connect);
		for ('/a/a', '/pool/pid', '/a/a', '/own/pid', '/pool/pid',
		    '/a/a') {
			my $status = status_of($client, $_);
			push @wrong, "$_: $status" if $status != 200;
		}
		my $took = time - $began;
		$longest = $took if $took > $longest;
		last if $took > $patience || @wrong > 5;
	}
	return ($longest, @wrong);
}

sub others_are_served {
	my ($daemon, $title) = @_;
	my ($longest, @wrong) = longest($daemon, 10);
	push @wrong, sprintf 'they had to wait for %.1f s', $longest
	    if $longest > $patience;
	ok(!@wrong, $title) or diag join "\n", @wrong;
}

sub serves_again {
	my ($daemon, $deed) = @_;
	wait_until { status_of($daemon->connect, '/hostile') == 200 }
	    "the hostile route after $deed";
	pass("the route serves again after $deed");
}

sub settles {
	my ($daemon) = @_;
	wait_until { $daemon->connections == 0 } 'the end of all connections';
	wait_until { !grep { Prong::Process::title($_) !~ /worker|pool / }
	    Prong::Process::children(generation_of($daemon)) }
	    'the end of all processes of connections';
}

sub descriptors_of {
	my ($pid) = @_;
	my %descriptors = Prong::Process::descriptors($pid);
	return scalar keys %descriptors;
}

my @only = @ARGV;
sub is_wanted { my ($name) = @_; return !@only || grep { $_ eq $name } @only }

# Each: what is tried; what the others notice, which is nothing.
for my $deed (qw(announce_never announce_others give_nowhere give_to_none
    give_to_other flood_porter flood_wakes fill_wake claim_idle end_with_next
    end_without claim_put fill_ledger poison shut answer_twice
    answer_for_others answer_in_no_form answer_with_request
    answer_for_ever)) {
	next if !is_wanted($deed);
	my $daemon = start_server();
	my ($generation, $porter) = (generation_of($daemon),
	    helper_of($daemon, 'porter'));
	# A client that is idle in a worker, and was in the pool.
	my $bystander = $daemon->connect;
	status_of($bystander, $_) for '/pool/pid', '/hostile', '/a/a';
	my @before = map { descriptors_of($_) } $generation, $porter;
	my $client = begin_deed($daemon, $deed);
	sleep 0.1;
	others_are_served($daemon, "others are served beside $deed");
	my $answer = eval { $client->answer };
	note "$deed: ", $answer ? "$answer->{status} $answer->{body}" : 'cut';
	others_are_served($daemon, 'and behind it');
	is(status_of($bystander, '/pool/pid'), 200, 'a client that is idle '
	    . 'has noticed nothing');
	$_->close for $client, $bystander;
	serves_again($daemon, $deed);
	settles($daemon);
	is(generation_of($daemon), $generation, 'the generation lives');
	is(helper_of($daemon, 'porter'), $porter, 'the porter lives');
	my @now = map { descriptors_of($_) } $generation, $porter;
	ok($now[0] <= $before[0] + 4 && $now[1] <= $before[1] + 16,
	    "no descriptor is lost: @before, @now");
	is($daemon->stop, 0, 'the server stops');
	my $lines = () = $daemon->log =~ /error:|warning:/g;
	ok($lines < 50, "the log is not flooded: $lines lines")
	    or diag substr $daemon->log, 0, 2000;
}

# One that is busy for ever has a process less for its own route alone.
if (is_wanted('claim_busy')) {
	my $daemon = start_server();
	my $client = begin_deed($daemon, 'claim_busy');
	sleep 0.1;
	others_are_served($daemon, 'others are served beside claim_busy');
	is(status_of($daemon->connect, '/hostile'), 200,
	    'so is the next one of its route');
	$client = begin_deed($daemon, 'claim_busy');
	wait_until { status_of($daemon->connect, '/hostile') == 503 }
	    'a route without a process';
	others_are_served($daemon, 'even if it has no process any more');
	is($daemon->prong('reload')->{status}, 0, 'a reload');
	is(status_of($daemon->connect, '/hostile'), 200,
	    'serves that route as well');
	is($daemon->stop, 0, 'the server stops');
}

# One that does not end when it is told to.
if (is_wanted('stay')) {
	my $daemon = start_server('',
	    'max = 2; spare = 0; requests = 1000; idle = "10 ms"; queue_timeout = "60 s";');
	my @clients = map { begin_deed($daemon, 'stay') } 1 .. 2;
	others_are_served($daemon, 'others are served beside stay');
	serves_again($daemon, 'stay');
	is($daemon->stop, 0, 'the server stops');
}

# What a crash is put down to.
if (is_wanted('give_for_other')) {
	my $daemon = start_server();
	for (1 .. 5) {
		my $client = begin_deed($daemon, 'give_for_other');
		eval { $client->answer };
		$client->close;
	}
	settles($daemon);
	my $other = $daemon->connect(undef, '127.0.0.2');
	is(status_of($other, '/own/pid'), 200,
	    'nobody is punished for a request in his name');
	is($daemon->stop, 0, 'the server stops');
	unlike($daemon->log, qr/127\.0\.0\.2/, 'nor named in the log');
}

done_testing;
