# Idle connections of every kind learn at once that their generation stops or has
# ended: usual ones, those with a guardian, those of fresh processes, and those that
# were handed off. Each is told by itself, also one that wants to be deaf.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

# Far below idle_timeout and stop_grace, far above what a busy machine needs.
my $patience = 15;

my $plugins = Prong::Act::plugin_folder(qw(act hostile hostile_free
    hostile_threads));
my $www = folder('www');
write_file('www/a', "a\n");

my $text = <<"CONF";
plugin_dir = "$plugins";
access_log = "off";
idle_timeout = "10 min";
head_timeout = "10 min";
stop_grace = "10 min";
drain_timeout = "0 s";
max_crashes = 0;
sites = ( { routes = (
  { path = "/"; static = { root = "$www"; }; },
  { path = "/free"; hostile_free = { }; },
  { path = "/fresh"; fresh = true; hostile = { }; },
  { path = "/both"; fresh = true; hostile_free = { }; },
  { path = "/hostile"; hostile = { }; },
  { path = "/threads"; hostile_threads = { }; },
  { path = "/act"; act = { parameter = "do"; }; max_open_files = 64; }
); } );
CONF

my %paths = (usual => [ '/a' ],
    'with threads' => [ '/threads?do=leave_threads&with=3' ],
    'with signals blocked' => [ '/hostile?do=be_deaf&with=signals' ],
    guarded => [ '/free?do=stat&with=/' ],
    fresh => [ '/fresh?do=stat&with=/' ],
    'fresh and guarded' => [ '/both?do=stat&with=/' ],
    'handed off' => [ '/a', '/act?do=print%20x' ],
    'handed off to a guarded process' => [ '/a', '/free?do=stat&with=/' ],
    'handed off to a fresh process' => [ '/a', '/fresh?do=stat&with=/' ]);

sub idle {
	my ($daemon, @paths) = @_;
	my $client = $daemon->connect;
	for (@paths) {
		my $answer = $client->request('GET', $_);
		is($answer && $answer->{status}, 200, "$_ is served")
		    unless $answer && $answer->{status} == 200;
	}
	return $client;
}

my %ends = (
	'a stop' => sub { $_[0]->kill('TERM') },
	'a reload' => sub { $_[0]->kill('HUP') },
	'the death of the generation' => sub {
		kill 'KILL', Prong::Process::children($_[0]->pid) },
);

# A deaf one blocks all signals, and wants none at the end of its generation; so it
# does not learn of a sudden end.
sub try_end {
	my ($by, $deaf) = @_;
	my $daemon = start(config($text));
	my %idle = map { $_ => idle($daemon, @{$paths{$_}}) } keys %paths;
	$idle{deaf} = idle($daemon, '/hostile?do=be_deaf') if $deaf;
	my $silent = $daemon->connect;
	my @new = map { $daemon->connect } 1 .. 10;
	wait_until { $daemon->connections >= keys(%idle) + 1 + @new }
	    'all connections';
	my $began = time;
	$ends{$by}->($daemon);
	# They have a second for that.
	$_->send(Prong::request('GET', '/a')) for @new;
	my @answers = map { $_->answer } @new;
	is(scalar(grep { $_ && $_->{body} eq "a\n" } @answers), @new,
	    "$by: the first requests of new connections are served");
	for (sort keys %idle) {
		is($idle{$_}->rest, '', "$by: $_ connections end");
	}
	is($silent->rest, '', "$by: so does a new one without a request");
	cmp_ok(time - $began, '<', $patience, "$by: all at once");
	is($by eq 'a stop' ? $daemon->wait : $daemon->stop, 0,
	    'the daemon stops');
	return;
}

try_end('a stop', 1);
try_end('a reload', 1);
try_end('the death of the generation', 0);

# What a handler waits for goes on, and is sent, whenever the stop comes.
{
	my $daemon = start(config($text));
	my $client = $daemon->connect;
	$client->send(Prong::request('GET', '/act?do=' . Prong::Act::escape(
	    'log at work|sleep 1000|print done')));
	$daemon->wait_log(qr/at work/);
	my $began = time;
	$daemon->kill('TERM');
	is($client->answer->{body}, 'done', 'a handler completes its response');
	is($client->rest, '', 'which is the last one');
	is($daemon->wait, 0, 'the daemon stops');
}

# Processes that execute themselves are told of the death afterwards. With workers
# none has begun by then.
{
	my $daemon = start(config($text, workers => 0));
	my ($generation) = Prong::Process::children($daemon->pid);
	my @clients = map { $daemon->connect } 1 .. 20;
	wait_until { $daemon->connections >= @clients } 'all connections';
	$_->send(Prong::request('GET', '/fresh?do=stat&with=/')) for @clients;
	kill 'KILL', $generation;
	my @served = grep { my $answer = $_->answer;
	    $answer && $answer->{status} == 200 } @clients;
	is(@served, @clients, 'all that begin afresh at that moment are served');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
